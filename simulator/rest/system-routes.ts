/** Bybit's announcement of maintenance. Public, though the usual client signs it. */
import { ok, type PublicRoute, type RouteContext } from './route.js';

const HOUR_MS = 3_600_000;

export const systemRoutes: readonly PublicRoute[] = [
  { access: 'public', method: 'GET', path: '/v5/system/status', handle: (_params, context) => Promise.resolve(ok({ list: announcements(context) }, '')) },
];

function announcements(context: RouteContext): unknown[] {
  if (!context.faults.isUnderMaintenance()) return [];
  const nowMs = context.wallMs();
  return [{
    id: 'simulated-maintenance', title: 'Simulated maintenance', state: 'ongoing', begin: String(nowMs - HOUR_MS), end: String(nowMs + HOUR_MS), href: '',
    serviceTypes: [1, 2, 3, 4, 5], product: [1, 2], uidSuffix: [], maintainType: '1', env: '1',
  }];
}

/** `GET /api/v1/security/api-audit`: what the bot's API key may do, what it has used of that, and what is wrong with it. */
import { z } from 'zod';
import { auditKey, isBound, KEY_CODES } from '../../core/audit/key-audit.js';
import { BotError } from '../../core/errors/bot-error.js';
import type { ErrorCode } from '../../core/errors/catalogue.js';
import { ENDPOINT_SCOPES, type EndpointScope, type EndpointStatistics, type KeyReport, type ProcessReport } from '../../core/ports/process-report.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';

const DAY_MS = 86_400_000;

const findingSchema = z.object({ severity: z.enum(['info', 'warning', 'error', 'critical']), code: z.int(), what: z.string(), remedy: z.string() });

export const apiAuditSchema = z.object({
  ...provenance,
  age_ms: z.int().meta({ description: 'since the exchange was asked about the key; it is asked every ten minutes' }),
  verdict: z.string(),
  findings: z.array(findingSchema).meta({ description: 'the gravest first' }),
  key: z.object({
    read_only: z.boolean(),
    withdrawals_allowed: z.boolean(),
    permissions: z.record(z.string(), z.array(z.string())),
    ip_bound: z.boolean(),
    bound_ips: z.array(z.string()),
    expires_at: instant.nullable(),
    expires_in_days: z.int().nullable(),
  }),
  usage: z.object({
    since: instant.meta({ description: 'start of the oldest worker that reports now' }),
    by_endpoint_group: z.record(z.string(), z.int()).meta({ description: 'requests by the first part of their path: order, position, account …' }),
    by_permission: z.record(z.enum(ENDPOINT_SCOPES), z.int()),
    key_refusals: z.record(z.string(), z.int()).meta({ description: 'by code: authentication, address, permission' }),
  }),
  unused_scopes: z.array(z.string()).meta({ description: 'granted, and no call since the start has needed it' }),
}).meta({ id: 'ApiAudit' });

export function apiAuditRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/security/api-audit',
    summary: 'Audit of the API key',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: apiAuditSchema,
    statuses: { 200: 'The audit' },
    handle: async () => ({ status: 200, body: audit(await (await open()).processReports(), clock()) }),
  });
}

type Reported = z.output<typeof apiAuditSchema>;
type Keyed = ProcessReport & { keyInfo: KeyReport };

/** Reports of workers that are gone tell of the key as it was; the newest word about the key counts. */
function audit(reports: readonly ProcessReport[], nowMs: number): Reported {
  const keyed = reports.filter((report): report is Keyed => report.keyInfo !== null);
  const [newest] = [...keyed].sort((one, other) => other.keyInfo.readAtMs - one.keyInfo.readAtMs);
  if (newest === undefined) {
    throw new BotError(40004, 'no trading worker has told about its API key yet', { fix: 'wait some seconds after its start; GET /health says whether it runs' });
  }
  const key = newest.keyInfo;
  const usage = usageOf(keyed);
  const { findings, unusedScopes, withdrawalsAllowed } = auditKey({ key, calls: usage.calls, refusals: usage.refusals, nowMs });
  return {
    as_of: iso(key.readAtMs),
    source: 'ledger',
    age_ms: Math.max(0, Math.round(nowMs - key.readAtMs)),
    verdict: verdictOn(findings),
    findings,
    key: {
      read_only: key.readOnly,
      withdrawals_allowed: withdrawalsAllowed,
      permissions: key.permissions,
      ip_bound: isBound(key),
      bound_ips: key.boundIps,
      expires_at: isoOrNull(key.expiresMs),
      expires_in_days: key.expiresMs === null ? null : Math.floor((key.expiresMs - nowMs) / DAY_MS),
    },
    usage: {
      since: iso(Math.min(...keyed.map(({ startedAtMs }) => startedAtMs))),
      by_endpoint_group: usage.byGroup, by_permission: usage.calls, key_refusals: usage.refusals,
    },
    unused_scopes: unusedScopes,
  };
}

interface Usage {
  calls: Record<EndpointScope, number>;
  byGroup: Record<string, number>;
  refusals: Partial<Record<ErrorCode, number>>;
}

function usageOf(reports: readonly ProcessReport[]): Usage {
  const usage: Usage = { calls: { public: 0, read: 0, Order: 0, Position: 0 }, byGroup: {}, refusals: {} };
  for (const endpoint of reports.flatMap(({ apiStats }) => apiStats?.endpoints ?? [])) add(usage, endpoint);
  return usage;
}

function add(usage: Usage, { endpoint, scope, calls, errorsByCode }: EndpointStatistics): void {
  const group = endpoint.split('/')[0] ?? endpoint;
  usage.calls[scope] += calls;
  usage.byGroup[group] = (usage.byGroup[group] ?? 0) + calls;
  for (const code of KEY_CODES) {
    const times = errorsByCode[code] ?? 0;
    if (times > 0) usage.refusals[code] = (usage.refusals[code] ?? 0) + times;
  }
}

function verdictOn(findings: Reported['findings']): string {
  const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'error');
  const [first] = grave;
  if (first !== undefined) return `${grave.length === 1 ? 'one finding needs' : `${grave.length} findings need`} action now: ${first.what}`;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  return warnings === 0 ? 'the key may do what the bot needs, and nothing else' : `the key works; ${warnings === 1 ? 'one finding makes' : `${warnings} findings make`} it safer`;
}

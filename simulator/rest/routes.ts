/** All endpoints of the simulated exchange, by method and path. */
import { accountRoutes } from './account-routes.js';
import { marketRoutes } from './market-routes.js';
import { orderCommandRoutes } from './order-commands.js';
import { orderListRoutes } from './order-lists.js';
import { positionRoutes } from './position-routes.js';
import type { PrivateRoute, Route } from './route.js';
import { systemRoutes } from './system-routes.js';

const ROUTES: readonly Route[] = [...marketRoutes, ...systemRoutes, ...orderCommandRoutes, ...orderListRoutes, ...positionRoutes, ...accountRoutes];

const byMethodAndPath = new Map(ROUTES.map((route) => [`${route.method} ${route.path}`, route]));

export function findRoute(method: string, path: string): Route | undefined {
  return byMethodAndPath.get(`${method} ${path}`);
}

const TRADE_OPERATIONS: Readonly<Record<string, string>> = {
  'order.create': '/v5/order/create', 'order.amend': '/v5/order/amend', 'order.cancel': '/v5/order/cancel',
};

/** The order endpoint behind an operation of the trade socket. */
export function findTradeOperation(operation: string): PrivateRoute | undefined {
  const path = TRADE_OPERATIONS[operation];
  return path === undefined ? undefined : orderCommandRoutes.find((route) => route.path === path);
}

/** One endpoint of the simulated exchange: where it is, who may call it, what it does. */
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { FaultInjector } from '../faults/fault-injector.js';
import type { PublicMarket } from '../market/public-market.js';
import type { ApiKey, KeyScope } from '../server/api-keys.js';
import type { RawParams } from './params.js';

export interface RouteContext {
  exchange: SimulatedExchange;
  market: PublicMarket;
  faults: FaultInjector;
  wallMs: () => number;
  /** order history shows an order only this long after its last change, market ms */
  historyLagMs: () => number;
}

export interface Answer {
  retCode: number;
  retMsg: string;
  result: unknown;
}

export interface PublicRoute {
  access: 'public';
  method: 'GET';
  path: string;
  /** Throws a Refusal when the parameters cannot be read. */
  handle: (params: RawParams, context: RouteContext) => Promise<Answer>;
}

export interface PrivateRoute {
  access: KeyScope;
  method: 'GET' | 'POST';
  path: string;
  handle: (params: RawParams, context: RouteContext & { key: ApiKey }) => Answer;
}

export type Route = PublicRoute | PrivateRoute;

export const ok = (result: unknown, retMsg = 'OK'): Answer => ({ retCode: 0, retMsg, result });

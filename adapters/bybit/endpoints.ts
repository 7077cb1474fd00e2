/**
 * The REST endpoints the bot uses, each with its quota and the answers that mean "already so".
 * Quotas are those of an unprivileged account; the response headers correct them at run time.
 * Source: Bybit V5 docs, "Rate Limit" and the page of each endpoint.
 */
import type { EndpointScope } from '../../core/ports/process-report.js';

export interface Endpoint {
  /** as in the documentation, for messages and counters */
  name: string;
  path: string;
  method: 'GET' | 'POST';
  isPrivate: boolean;
  /** what the API key must be allowed to do (Bybit V5 docs, "Get API Key Information") */
  scope: EndpointScope;
  /** requests in any second for one account; undefined where only the budget of the address counts */
  requestsPerSecond?: number;
  /** retCodes that say the wanted state holds already */
  doneCodes?: readonly number[];
}

function publicRead(name: string): Endpoint {
  return { name, path: `/v5/${name}`, method: 'GET', isPrivate: false, scope: 'public' };
}

function privateRead(name: string, requestsPerSecond: number): Endpoint {
  return { name, path: `/v5/${name}`, method: 'GET', isPrivate: true, scope: 'read', requestsPerSecond };
}

function command(name: string, scope: 'Order' | 'Position', doneCodes: readonly number[]): Endpoint {
  return { name, path: `/v5/${name}`, method: 'POST', isPrivate: true, scope, requestsPerSecond: 10, doneCodes };
}

const ORDER_GONE = [110001, 110008, 110010];
const PROTECTION_UNCHANGED = [34040];
const LEVERAGE_UNCHANGED = [110043];
const POSITION_MODE_UNCHANGED = [110025];

export const ENDPOINTS = {
  serverTime: publicRead('market/time'),
  instruments: publicRead('market/instruments-info'),
  tickers: publicRead('market/tickers'),
  kline: publicRead('market/kline'),
  wallet: privateRead('account/wallet-balance', 50),
  positions: privateRead('position/list', 50),
  openOrders: privateRead('order/realtime', 50),
  orderHistory: privateRead('order/history', 50),
  executions: privateRead('execution/list', 50),
  closedPnl: privateRead('position/closed-pnl', 50),
  transactions: privateRead('account/transaction-log', 25),
  apiKey: privateRead('user/query-api', 10),
  createOrder: command('order/create', 'Order', []),
  cancelOrder: command('order/cancel', 'Order', ORDER_GONE),
  cancelAllOrders: command('order/cancel-all', 'Order', []),
  setProtection: command('position/trading-stop', 'Position', PROTECTION_UNCHANGED),
  setLeverage: command('position/set-leverage', 'Position', LEVERAGE_UNCHANGED),
  switchPositionMode: command('position/switch-mode', 'Position', POSITION_MODE_UNCHANGED),
} as const satisfies Record<string, Endpoint>;

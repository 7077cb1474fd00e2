/** What the adapter is told at its construction. Every limit has its unit in its name. */
import type { Logger } from '../../core/ports/logger.js';

export type BybitMode = 'paper' | 'demo' | 'testnet' | 'live';
/** Which price the exchange compares with stop and take-profit (Bybit V5 enum triggerBy). */
export type StopTrigger = 'LastPrice' | 'MarkPrice' | 'IndexPrice';

export interface SocketTimings {
  pingIntervalMs: number;
  /** a socket that answers no ping for this long is dead and is replaced */
  pongTimeoutMs: number;
  /** first pause before a new connection; doubles with every failure */
  reconnectDelayMs: number;
  maxReconnectDelayMs: number;
  /** a connection that has not confirmed all topics by then is replaced */
  confirmTimeoutMs: number;
}

/** At most so many requests in any window of that length. */
export interface RequestBudget {
  requests: number;
  windowMs: number;
}

export interface BybitExchangeOptions {
  mode: BybitMode;
  /** paper mode only, and required there: `http://127.0.0.1:<port>` */
  restUrl?: string;
  /** paper mode only, and required there: `ws://127.0.0.1:<port>`; the path of each socket is added */
  wsUrl?: string;
  key: string;
  secret: string;
  /** how old a request may be when it reaches the exchange */
  recvWindowMs: number;
  requestTimeoutMs: number;
  /** `socket` sends orders over the trade socket while it is up, else by REST; demo mode has no trade socket */
  orderTransport: 'rest' | 'socket';
  logger: Logger;
  /** host clock, ms since epoch */
  now: () => number;
  /** default LastPrice */
  stopTrigger?: StopTrigger;
  /** longest wait for a free request; default 5000 */
  maxWaitMs?: number;
  /** ceilings for all HTTP requests together; default: see `BYBIT_BUDGETS`, none in paper mode, where the simulator states its own limits */
  httpBudgets?: readonly RequestBudget[];
  /** silence after HTTP 403; default ten minutes at Bybit (docs, "Rate Limit"), 2 s in paper mode */
  banMs?: number;
  /** default: Bybit's connection limits in mind; quicker in paper mode */
  socketTimings?: Partial<SocketTimings>;
}

/** Bybit allows 500 new connections in 5 minutes (docs, "Rate Limit"): the pauses stay far below that with every socket failing. */
const BYBIT_TIMINGS: SocketTimings = {
  pingIntervalMs: 10_000, pongTimeoutMs: 5_000, reconnectDelayMs: 3_000, maxReconnectDelayMs: 30_000, confirmTimeoutMs: 15_000,
};
const PAPER_TIMINGS: SocketTimings = {
  pingIntervalMs: 5_000, pongTimeoutMs: 2_000, reconnectDelayMs: 200, maxReconnectDelayMs: 2_000, confirmTimeoutMs: 5_000,
};
/**
 * 80 % of Bybit's 600 requests in 5 s for one address (docs, "Rate Limit"), the rest being for other programs behind it,
 * and the operator's own ceiling (maintenance guide, "API Rate Limiting").
 */
export const BYBIT_BUDGETS: readonly RequestBudget[] = [{ requests: 480, windowMs: 5_000 }, { requests: 1_200, windowMs: 60_000 }];
const BYBIT_BAN_MS = 600_000;
const PAPER_BAN_MS = 2_000;
const DEFAULT_MAX_WAIT_MS = 5_000;

export function socketTimingsOf(options: BybitExchangeOptions): SocketTimings {
  return { ...(options.mode === 'paper' ? PAPER_TIMINGS : BYBIT_TIMINGS), ...options.socketTimings };
}

export function httpBudgetsOf(options: BybitExchangeOptions): readonly RequestBudget[] {
  return options.httpBudgets ?? (options.mode === 'paper' ? [] : BYBIT_BUDGETS);
}

/** Budgets that are counted without holding anybody back: a replay at many times real time would starve in them. */
export function countedBudgetsOf(options: BybitExchangeOptions): readonly RequestBudget[] {
  return httpBudgetsOf(options).length === 0 ? BYBIT_BUDGETS : [];
}

export function banMsOf(options: BybitExchangeOptions): number {
  return options.banMs ?? (options.mode === 'paper' ? PAPER_BAN_MS : BYBIT_BAN_MS);
}

export function maxWaitMsOf(options: BybitExchangeOptions): number {
  return options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS;
}

export function stopTriggerOf(options: BybitExchangeOptions): StopTrigger {
  return options.stopTrigger ?? 'LastPrice';
}

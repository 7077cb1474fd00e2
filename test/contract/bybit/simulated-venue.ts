/** The real adapter against the real simulated exchange in lock-step: nothing moves unless the test moves it. */
import { createBybitExchange, type BybitExchange } from '../../../adapters/bybit/exchange.js';
import type { BybitExchangeOptions } from '../../../adapters/bybit/options.js';
import { isBotError, type BotError } from '../../../core/errors/bot-error.js';
import { toDecimalString } from '../../../core/money/decimal.js';
import type { ApprovedEntry, ApprovedExit } from '../../../core/orders/approved-order.js';
import type { Logger } from '../../../core/ports/logger.js';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import type { SimulatorOptionsInput } from '../../../simulator/options.js';
import type { FaultRule } from '../../../simulator/faults/fault-rule.js';

export const MARKET_START_MS = Date.UTC(2025, 0, 6, 8);
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

export interface Venue {
  simulator: Simulator;
  exchange: BybitExchange;
  /** a second adapter on the same account */
  connect(options?: Partial<BybitExchangeOptions>): BybitExchange;
  advance(untilMs: number): Promise<void>;
  jump(symbol: string, price: string): Promise<void>;
  fail(...rules: Partial<FaultRule>[]): Promise<void>;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

const silent: Logger = { debug: () => undefined, info: () => undefined, warning: () => undefined, error: () => undefined, critical: () => undefined, child: () => silent };

export async function openVenue(options: { simulator?: SimulatorOptionsInput; adapter?: Partial<BybitExchangeOptions> } = {}): Promise<Venue> {
  const simulator = await startSimulator({ market: 'synthetic', speed: 'max', seed: 7, fromMs: MARKET_START_MS, rateLimitScale: 20, ...options.simulator });
  const opened: BybitExchange[] = [];
  const connect = (overrides: Partial<BybitExchangeOptions> = {}): BybitExchange => {
    const exchange = createBybitExchange({
      mode: 'paper', restUrl: simulator.url, wsUrl: simulator.wsUrl, key: simulator.key.key, secret: simulator.key.secret, recvWindowMs: 5_000,
      requestTimeoutMs: 1_000, orderTransport: 'rest', logger: silent, now: () => Date.now(), banMs: 100, ...options.adapter, ...overrides,
    });
    opened.push(exchange);
    return exchange;
  };
  return {
    simulator, connect, exchange: connect(),
    advance: (untilMs) => admin(simulator, 'POST', '/sim/advance', { until: untilMs }),
    jump: (symbol, price) => admin(simulator, 'POST', '/sim/jump', { symbol, price }),
    fail: (...rules) => admin(simulator, 'POST', '/sim/faults', { seed: 1, rules }),
    heal: () => admin(simulator, 'DELETE', '/sim/faults'),
    stop: async () => {
      await Promise.all(opened.map((exchange) => exchange.close()));
      await simulator.close();
    },
  };
}

async function admin(simulator: Simulator, method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(`${simulator.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

let orders = 0;

/** Orders are branded so that only risk can make them; a test of the wire has to spell them. The stop stands far below any price of the market. */
export function buy(overrides: Partial<ApprovedEntry> = {}): ApprovedEntry {
  orders += 1;
  return {
    kind: 'entry', orderLinkId: `contract-${orders}-e0`, tradeId: `contract-${orders}`, symbol: 'BTCUSDT', side: 'Buy',
    qty: toDecimalString('0.01'), stopLoss: toDecimalString('20000'), leverage: toDecimalString('10'), ...overrides,
  } as ApprovedEntry;
}

export function sell(overrides: Partial<ApprovedExit> = {}): ApprovedExit {
  orders += 1;
  return {
    kind: 'exit', orderLinkId: `contract-${orders}-x0`, tradeId: `contract-${orders}`, symbol: 'BTCUSDT', side: 'Sell', qty: toDecimalString('0.01'), ...overrides,
  } as ApprovedExit;
}

/** The BotError that a promise rejects with; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<BotError> {
  const outcome = await promise.then(() => 'resolved', (error: unknown) => error);
  if (isBotError(outcome)) return outcome;
  throw new Error(`expected a BotError, got ${String(outcome)}`);
}

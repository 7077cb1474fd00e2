/** The real adapter in paper mode against a scripted server, with a logger that remembers. */
import { createBybitExchange, type BybitExchange } from '../../../../adapters/bybit/exchange.js';
import type { BybitExchangeOptions } from '../../../../adapters/bybit/options.js';
import { isBotError, type BotError } from '../../../../core/errors/bot-error.js';
import type { ApprovedEntry, ApprovedExit } from '../../../../core/orders/approved-order.js';
import type { Logger, LogFields } from '../../../../core/ports/logger.js';
import type { ScriptedExchange } from './scripted-exchange.js';

export const KEY = 'KEYabcdefgh12345678';
export const SECRET = 'SECRETabcdefghijklmnopqrstuvwxyz0123456789';

export interface LogLine { level: string; message: string; fields: LogFields }

export function rememberingLogger(lines: LogLine[] = []): Logger & { lines: LogLine[] } {
  const at = (level: string) => (message: string, fields: LogFields = {}): void => { lines.push({ level, message, fields }); };
  return {
    lines, debug: at('debug'), info: at('info'), warning: at('warning'), error: at('error'), critical: at('critical'),
    child: () => rememberingLogger(lines),
  };
}

export function exchangeFor(server: Pick<ScriptedExchange, 'restUrl' | 'wsUrl'>, options: Partial<BybitExchangeOptions> = {}): BybitExchange {
  return createBybitExchange({
    mode: 'paper', restUrl: server.restUrl, wsUrl: server.wsUrl, key: KEY, secret: SECRET, recvWindowMs: 5_000,
    requestTimeoutMs: 1_000, orderTransport: 'rest', logger: rememberingLogger(), now: () => Date.now(), ...options,
  });
}

/** Orders are branded so that only risk can make them; a test of the wire has to spell them. */
export function entry(overrides: Partial<ApprovedEntry> = {}): ApprovedEntry {
  return {
    kind: 'entry', orderLinkId: 'BTCUSDT-abc-1234-e0', tradeId: 'BTCUSDT-abc-1234', symbol: 'BTCUSDT', side: 'Buy',
    qty: '0.010', stopLoss: '60000', leverage: '2', ...overrides,
  } as ApprovedEntry;
}

export function exit(overrides: Partial<ApprovedExit> = {}): ApprovedExit {
  return {
    kind: 'exit', orderLinkId: 'BTCUSDT-abc-1234-x0', tradeId: 'BTCUSDT-abc-1234', symbol: 'BTCUSDT', side: 'Sell', qty: '0.010', ...overrides,
  } as ApprovedExit;
}

/** The BotError that a promise rejects with; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<BotError> {
  const outcome = await promise.then(() => 'resolved', (error: unknown) => error);
  if (isBotError(outcome)) return outcome;
  throw new Error(`expected a BotError, got ${String(outcome)}`);
}

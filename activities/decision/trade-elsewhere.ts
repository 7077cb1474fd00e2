/**
 * A strategy and its open trade must look at the same candles. A reload refuses to part them; a start cannot, because there
 * the file wins.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { tradeIdFor } from '../../core/orders/ids.js';
import type { OpenTradeView } from '../../core/strategies/strategy.js';

/** 10008 when the trade is one of another symbol: it is left to its stop and to operators, and the strategy waits for its end. */
export function tradeElsewhere({ name, symbol }: { name: string; symbol: string }, held: OpenTradeView | undefined): BotError | undefined {
  if (!held || held.tradeId === tradeIdFor({ strategy: name, symbol, decidedMs: held.decidedMs })) return undefined;
  return new BotError(10008, `${name} is configured for ${symbol} and still holds trade ${held.tradeId}, which stays under its stop`, {
    fix: 'close that position, or configure its symbol again until it is closed',
  });
}

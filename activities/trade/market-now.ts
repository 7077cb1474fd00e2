/** The market's own clock, read from its candles: the close of the newest closed 5-minute candle. It runs in every mode, also in a replay. */
import type { MarketData } from '../../core/ports/exchange.js';
import { closeMs } from '../../core/market/candle.js';

/** ms of market time; late by at most five minutes, never early. */
export async function marketNow(market: Pick<MarketData, 'closedCandles'>, symbol: string): Promise<number> {
  const newest = (await market.closedCandles({ symbol, interval: '5', limit: 1 })).at(-1);
  return newest ? closeMs(newest) : 0;
}

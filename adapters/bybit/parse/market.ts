/** Public market data: server time, instruments, tickers, candles. */
import { z } from 'zod';
import { INTERVALS, type Interval } from '../../../core/market/interval.js';
import type { Candle } from '../../../core/market/candle.js';
import type { Instrument } from '../../../core/market/instrument.js';
import type { Ticker } from '../../../core/ports/exchange.js';
import { decimal, decimalOrZero, milliseconds, millisecondsOrZero, pageOf } from './fields.js';

const NANOSECONDS_PER_MS = 1_000_000n;

/** ms since epoch; the seconds alone would be up to a second old. */
export const serverTime = z.object({ timeNano: z.string().regex(/^\d+$/) })
  .transform(({ timeNano }) => Number(BigInt(timeNano) / NANOSECONDS_PER_MS));

const instrumentRow = z.object({
  symbol: z.string().min(1),
  status: z.string(),
  baseCoin: z.string(),
  quoteCoin: z.string(),
  leverageFilter: z.object({ minLeverage: decimal, maxLeverage: decimal, leverageStep: decimal }),
  priceFilter: z.object({ tickSize: decimal }),
  lotSizeFilter: z.object({ maxOrderQty: decimal, maxMktOrderQty: decimal, minOrderQty: decimal, qtyStep: decimal, minNotionalValue: decimalOrZero }),
  fundingInterval: z.number().int().nonnegative(),
  riskParameters: z.object({ priceLimitRatioX: decimalOrZero, priceLimitRatioY: decimalOrZero }).prefault({}),
}).transform((row): Instrument => ({
  symbol: row.symbol,
  baseCoin: row.baseCoin,
  quoteCoin: row.quoteCoin,
  status: row.status,
  tickSize: row.priceFilter.tickSize,
  qtyStep: row.lotSizeFilter.qtyStep,
  minOrderQty: row.lotSizeFilter.minOrderQty,
  maxOrderQty: row.lotSizeFilter.maxOrderQty,
  maxMarketOrderQty: row.lotSizeFilter.maxMktOrderQty,
  minNotional: row.lotSizeFilter.minNotionalValue,
  ...row.leverageFilter,
  fundingIntervalMinutes: row.fundingInterval,
  ...row.riskParameters,
}));
export const instrumentPage = pageOf(instrumentRow);

/** Without `asOfMs`, which is the reply's. */
const tickerRow = z.object({
  symbol: z.string().min(1),
  lastPrice: decimal,
  markPrice: decimal,
  indexPrice: decimalOrZero,
  fundingRate: decimalOrZero,
  nextFundingTime: millisecondsOrZero,
}).transform(({ nextFundingTime, ...row }): Omit<Ticker, 'asOfMs'> => ({ ...row, nextFundingMs: nextFundingTime }));
const anyTicker = z.looseObject({ symbol: z.string() });

/** The rows of these symbols; what else the page holds is not looked at. */
export function tickerPage(symbols: readonly string[]) {
  const page = z.object({ list: z.array(anyTicker) }).transform(({ list }) => list.filter(({ symbol }) => symbols.includes(symbol)));
  return page.pipe(z.array(tickerRow));
}

type Bar = Omit<Candle, 'symbol' | 'interval'>;

/** `[start, open, high, low, close, volume, turnover]`, newest first. */
const klineRow = z.tuple([milliseconds, decimal, decimal, decimal, decimal, decimal, decimal])
  .transform(([startMs, open, high, low, close, volume, turnover]): Bar => ({ startMs, open, high, low, close, volume, turnover }));
export const klinePage = z.object({ list: z.array(klineRow) });

const klineTopic = z.string().regex(/^kline\.[0-9A-Z]+\.[0-9A-Z-]+$/).transform((topic, context): { interval: Interval; symbol: string } => {
  const [, text, symbol] = topic.split('.');
  const interval = INTERVALS.find((known) => known === text);
  if (interval !== undefined && symbol !== undefined) return { interval, symbol };
  context.addIssue({ code: 'custom', message: 'not a kline topic of a known interval' });
  return z.NEVER;
});

const klineUpdate = z.object({
  start: z.number().int(), open: decimal, high: decimal, low: decimal, close: decimal, volume: decimal, turnover: decimal, confirm: z.boolean(),
});

/** A frame of a kline topic, as the candles that closed with it, ascending. */
export const klineFrame = z.object({ topic: klineTopic, data: z.array(klineUpdate) }).transform(({ topic, data }): Candle[] =>
  data.filter((update) => update.confirm)
    .map(({ start: startMs, confirm: _confirm, ...bar }) => ({ ...topic, startMs, ...bar }))
    .sort((one, other) => one.startMs - other.startMs));

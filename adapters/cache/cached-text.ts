/** How a value lies in a store: as JSON with the instant it was read, and judged by its schema when it comes out again. */
import { z } from 'zod';
import { toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { CacheableKind, CacheableValues } from '../../core/ports/cache.js';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/).transform((text): DecimalString => toDecimalString(text));

const instrument = z.object({
  symbol: z.string().min(1), baseCoin: z.string(), quoteCoin: z.string(), status: z.string(),
  tickSize: decimal, qtyStep: decimal, minOrderQty: decimal, maxOrderQty: decimal, maxMarketOrderQty: decimal, minNotional: decimal,
  minLeverage: decimal, maxLeverage: decimal, leverageStep: decimal, fundingIntervalMinutes: z.int(), priceLimitRatioX: decimal, priceLimitRatioY: decimal,
});

const ticker = z.object({
  symbol: z.string().min(1), lastPrice: decimal, markPrice: decimal, indexPrice: decimal, fundingRate: decimal, nextFundingMs: z.number(), asOfMs: z.number(),
});

const VALUES: { [K in CacheableKind]: z.ZodType<CacheableValues[K]> } = { instruments: instrument, tickers: z.array(ticker) };

export interface Entry<K extends CacheableKind> {
  readAtMs: number;
  value: CacheableValues[K];
}

export function textOf<K extends CacheableKind>(entry: Entry<K>): string {
  return JSON.stringify(entry);
}

const anyEntry = z.object({ readAtMs: z.number(), value: z.unknown() });

/** Undefined when the text is not what was written. */
export function entryOf<K extends CacheableKind>(kind: K, text: string): Entry<K> | undefined {
  const entry = anyEntry.safeParse(parseJson(text));
  if (!entry.success) return undefined;
  const value = VALUES[kind].safeParse(entry.data.value);
  return value.success ? { readAtMs: entry.data.readAtMs, value: value.data } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Longer candles out of shorter ones.
 *
 * Invariants
 * 1. Prices are the exchange's own texts and volumes are decimal sums: nothing passes through a binary float.
 * 2. A bucket that lacks any of its base candles never becomes a candle; it is reported as incomplete instead.
 */
import { ZERO, dec, toDecimalString, type DecimalString } from '../money/decimal.js';
import type { Candle } from './candle.js';
import { boundaryAtOrBefore, intervalMs, type Interval } from './interval.js';

export interface IncompleteBucket {
  symbol: string;
  startMs: number;
  /** how many base candles there are, and how many the bucket takes */
  have: number;
  want: number;
}

export interface Aggregation {
  /** complete candles of the longer interval, ascending */
  candles: Candle[];
  /** usually the first and the last bucket of a span */
  incomplete: IncompleteBucket[];
}

/**
 * `base`: candles of one symbol and one interval, ascending, without duplicates (see `continuityFindings`).
 * Throws a RangeError when the candles are mixed or the target is no multiple of their interval.
 */
export function aggregate(base: readonly Candle[], target: Interval): Aggregation {
  const result: Aggregation = { candles: [], incomplete: [] };
  const first = base[0];
  if (first === undefined) return result;
  const want = candlesPerBucket(first.interval, target);
  for (const bucket of bucketsOf(base, target)) {
    if (bucket.candles.length === want) result.candles.push(merged(bucket, target));
    else result.incomplete.push({ symbol: first.symbol, startMs: bucket.startMs, have: bucket.candles.length, want });
  }
  return result;
}

function candlesPerBucket(base: Interval, target: Interval): number {
  const ratio = intervalMs(target) / intervalMs(base);
  if (!Number.isInteger(ratio)) throw new RangeError(`candles of interval ${target} cannot be made of interval ${base}`);
  return ratio;
}

interface Bucket {
  startMs: number;
  first: Candle;
  candles: Candle[];
}

function bucketsOf(base: readonly Candle[], target: Interval): Bucket[] {
  const buckets: Bucket[] = [];
  for (const candle of base) {
    const startMs = boundaryAtOrBefore(candle.startMs, target);
    const current = buckets.at(-1);
    if (current !== undefined) assertContinues(current, candle);
    if (current?.startMs === startMs) current.candles.push(candle);
    else buckets.push({ startMs, first: candle, candles: [candle] });
  }
  return buckets;
}

function assertContinues({ first, candles }: Bucket, next: Candle): void {
  if (next.symbol !== first.symbol || next.interval !== first.interval) {
    throw new RangeError(`candles are mixed: ${first.symbol} ${first.interval} and ${next.symbol} ${next.interval}`);
  }
  const previousMs = candles.at(-1)?.startMs ?? first.startMs;
  if (next.startMs <= previousMs) throw new RangeError(`candles are not ascending: ${next.startMs} ms after ${previousMs} ms`);
}

function merged({ startMs, first, candles }: Bucket, interval: Interval): Candle {
  return {
    symbol: first.symbol,
    interval,
    startMs,
    open: first.open,
    high: candles.reduce((highest, { high }) => (dec(high).gt(dec(highest)) ? high : highest), first.high),
    low: candles.reduce((lowest, { low }) => (dec(low).lt(dec(lowest)) ? low : lowest), first.low),
    close: candles.at(-1)?.close ?? first.close,
    volume: sum(candles.map(({ volume }) => volume)),
    turnover: sum(candles.map(({ turnover }) => turnover)),
  };
}

function sum(amounts: readonly DecimalString[]): DecimalString {
  return toDecimalString(amounts.reduce((total, amount) => total.plus(dec(amount)), ZERO));
}

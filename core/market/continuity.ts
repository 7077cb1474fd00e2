/**
 * What is wrong with a series of candles, as data with a code of the catalogue: 40001 the newest are missing, 40002 their
 * times or prices contradict each other, 40005 history has holes. Finds everything in one pass and repairs nothing.
 */
import { dec } from '../money/decimal.js';
import { closeMs, type Candle } from './candle.js';
import { intervalMs, isBoundary } from './interval.js';

export type ContinuityCode = 40001 | 40002 | 40005;
export type ContinuityKind = 'gap' | 'missing_start' | 'missing_end' | 'duplicate' | 'disorder' | 'misaligned' | 'open_differs';

export interface ContinuityFinding {
  code: ContinuityCode;
  kind: ContinuityKind;
  symbol: string;
  /** start of the candle at which it shows, ms */
  atMs: number;
  detail: string;
}

export interface Expectation {
  /** start of the first candle that must be there, ms */
  fromMs?: number;
  /** close of the last candle that must be there, ms */
  throughMs?: number;
  /** exchanges differ: on Bybit perpetuals every candle opens at the close of the one before */
  opensAtPreviousClose?: boolean;
}

/** `candles`: one symbol and interval, in the order in which they came. An empty series has no findings. */
export function continuityFindings(candles: readonly Candle[], expected: Expectation = {}): ContinuityFinding[] {
  const first = candles[0];
  const newest = candles.reduce<Candle | undefined>((latest, candle) => (latest === undefined || candle.startMs > latest.startMs ? candle : latest), undefined);
  if (first === undefined || newest === undefined) return [];
  return [
    ...missingStart(first, expected),
    ...candles.filter((candle) => !isBoundary(candle.startMs, candle.interval)).map(misaligned),
    ...candles.slice(1).flatMap((candle, index) => stepFindings(candles[index] ?? first, candle, expected)),
    ...missingEnd(newest, expected),
  ];
}

function stepFindings(previous: Candle, next: Candle, { opensAtPreviousClose = false }: Expectation): ContinuityFinding[] {
  const stepMs = next.startMs - previous.startMs;
  if (stepMs === 0) return [finding({ code: 40002, kind: 'duplicate' }, next, 'the same candle came twice')];
  if (stepMs < 0) return [finding({ code: 40002, kind: 'disorder' }, next, `it came after the candle of ${previous.startMs} ms`)];
  const missing = Math.ceil(stepMs / intervalMs(next.interval)) - 1;
  if (missing > 0) return [finding({ code: 40005, kind: 'gap' }, next, `${missing} candles are missing before it, from ${closeMs(previous)} ms on`)];
  if (!opensAtPreviousClose || dec(next.open).eq(dec(previous.close))) return [];
  return [finding({ code: 40002, kind: 'open_differs' }, next, `it opens at ${next.open}, the one before closed at ${previous.close}`)];
}

function missingStart(first: Candle, { fromMs }: Expectation): ContinuityFinding[] {
  if (fromMs === undefined || first.startMs <= fromMs) return [];
  const missing = Math.ceil((first.startMs - fromMs) / intervalMs(first.interval));
  return [finding({ code: 40005, kind: 'missing_start' }, first, `${missing} candles are missing before it, from ${fromMs} ms on`)];
}

function missingEnd(newest: Candle, { throughMs }: Expectation): ContinuityFinding[] {
  if (throughMs === undefined || closeMs(newest) >= throughMs) return [];
  const missing = Math.ceil((throughMs - closeMs(newest)) / intervalMs(newest.interval));
  return [finding({ code: 40001, kind: 'missing_end' }, newest, `${missing} candles are missing after it, up to the close of ${throughMs} ms`)];
}

function misaligned(candle: Candle): ContinuityFinding {
  return finding({ code: 40002, kind: 'misaligned' }, candle, `its start is no boundary of interval ${candle.interval}`);
}

function finding(what: { code: ContinuityCode; kind: ContinuityKind }, { symbol, startMs }: Candle, detail: string): ContinuityFinding {
  return { ...what, symbol, atMs: startMs, detail };
}

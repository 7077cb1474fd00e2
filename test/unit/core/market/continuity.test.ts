import { describe, expect, it } from 'vitest';
import { continuityFindings } from '../../../../core/market/continuity.js';
import { MONDAY_MS, candlesClosing, d } from '../samples.js';

const QUARTER_MS = 900_000;
const series = candlesClosing([10, 11, 12, 13, 14]);
const without = (index: number): typeof series => series.filter((_, position) => position !== index);
const brief = (findings: ReturnType<typeof continuityFindings>): unknown[] => findings.map(({ code, kind, atMs }) => [code, kind, (atMs - MONDAY_MS) / QUARTER_MS]);

describe('continuity of candles', () => {
  it('an unbroken series has no findings', () => {
    const expected = { fromMs: MONDAY_MS, throughMs: MONDAY_MS + 5 * QUARTER_MS, opensAtPreviousClose: true };
    expect(continuityFindings(series, expected)).toEqual([]);
  });

  it('a hole in history is 40005 and says how many candles are missing', () => {
    const [finding] = continuityFindings(without(2));
    expect(finding).toMatchObject({ code: 40005, kind: 'gap', atMs: MONDAY_MS + 3 * QUARTER_MS });
    expect(finding?.detail).toContain('1 candles are missing');
  });

  it('the same candle twice and a candle out of order are 40002', () => {
    const [a, b, c] = series;
    if (!a || !b || !c) throw new Error('the series is too short');
    expect(brief(continuityFindings([a, a, c, b]))).toEqual([[40002, 'duplicate', 0], [40005, 'gap', 2], [40002, 'disorder', 1]]);
  });

  it('a missing newest candle is 40001, a missing beginning 40005', () => {
    const expected = { fromMs: MONDAY_MS - QUARTER_MS, throughMs: MONDAY_MS + 7 * QUARTER_MS };
    expect(brief(continuityFindings(series, expected))).toEqual([[40005, 'missing_start', 0], [40001, 'missing_end', 4]]);
  });

  it('a start off the interval\'s boundary is 40002', () => {
    expect(brief(continuityFindings(candlesClosing([1], { startMs: MONDAY_MS + QUARTER_MS / 3 })))).toEqual([[40002, 'misaligned', 1 / 3]]);
  });

  it('an open that is not the previous close is 40002 only where that is expected', () => {
    const jumped = series.map((candle, index) => (index === 3 ? { ...candle, open: d('12.5') } : candle));
    expect(continuityFindings(jumped)).toEqual([]);
    expect(brief(continuityFindings(jumped, { opensAtPreviousClose: true }))).toEqual([[40002, 'open_differs', 3]]);
  });
});

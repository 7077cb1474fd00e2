/** Recorded data is believed only as a whole: every flaw is refused with file, line, column and what to do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentFor } from '../../../core/matching/instruments.js';
import { formingBar, pathPointsAtLeast, pricePoint } from '../../../simulator/market/candle-path.js';
import type { Bar } from '../../../simulator/market/candle-series.js';
import { loadReplayMarket } from '../../../simulator/market/replay-market.js';
import { syntheticMarket } from '../../../simulator/market/synthetic-market.js';
import { csv, FIRST_MS, folderWith, HEADER, STEP_MS, waveRows } from '../../contract/simulator/market-data.js';

const load = async (files: Record<string, string>, more: { fromMs?: number; toMs?: number } = {}): Promise<unknown> =>
  loadReplayMarket({ directory: await folderWith(files), symbols: ['BTCUSDT'], ...more });

/** The wave with one line replaced; line 1 is the header. */
function withLine(line: number, replacement: string | undefined): string {
  const rows = [HEADER, ...waveRows(20)];
  rows.splice(line - 1, 1, ...(replacement === undefined ? [] : [replacement]));
  return `${rows.join('\n')}\n`;
}

const at = (index: number): number => FIRST_MS + index * STEP_MS;

describe('a recorded candle file', () => {
  const flaws: [string, string, { code: number; message: RegExp }][] = [
    ['a price that is no number', withLine(5, `${at(3)},60000,abc,59000,60000,1`), { code: 40010, message: /BTCUSDT-5m\.csv line 5, column high: "abc"/ }],
    ['an empty cell', withLine(5, `${at(3)},60000,60001,,60000,1`), { code: 40010, message: /line 5, column low/ }],
    ['a missing column', withLine(4, `${at(2)},60000,60001,59000,60000`), { code: 40003, message: /line 4: 5 columns instead of 6/ }],
    ['a high below the close', withLine(6, `${at(4)},60000,60001,59000,60002,1`), { code: 40007, message: /line 6, column high/ }],
    ['a low above the open', withLine(6, `${at(4)},60000,60001,60000.5,60001,1`), { code: 40007, message: /line 6, column low/ }],
    ['a price of zero', withLine(6, `${at(4)},0,60001,0,60000,1`), { code: 40007, message: /line 6, column low/ }],
    ['a negative volume', withLine(6, `${at(4)},60000,60001,59000,60000,-1`), { code: 40007, message: /line 6, column volume/ }],
    ['a timestamp off the grid', withLine(6, `${at(4) + 1},60000,60001,59000,60000,1`), { code: 40007, message: /line 6, column timestamp/ }],
    ['a gap', withLine(6, undefined), { code: 40002, message: /line 6, column timestamp: \d+ leaves a gap of 1 rows/ }],
    ['a duplicate', withLine(6, waveRows(20)[3]), { code: 40002, message: /line 6, column timestamp: \d+ repeats/ }],
    ['a step back', withLine(6, waveRows(20)[1]), { code: 40002, message: /line 6, column timestamp: \d+ goes back/ }],
    ['another header', withLine(1, 'time,o,h,l,c,v'), { code: 40003, message: /line 1: the header is "time,o,h,l,c,v"/ }],
    ['an unclosed quote', withLine(5, `"${at(3)},60000,60001,59000,60000,1`), { code: 40003, message: /BTCUSDT-5m\.csv/ }],
    ['only a header', `${HEADER}\n`, { code: 40005, message: /holds no rows/ }],
  ];

  it.each(flaws)('with %s is refused', async (_what, content, expected) => {
    await expect(load({ 'BTCUSDT-5m.csv': content })).rejects.toMatchObject({ name: 'BotError', code: expected.code, message: expect.stringMatching(expected.message) as unknown, fix: expect.stringMatching(/\w/) as unknown });
  });

  it('that is a cut off gzip is refused as corrupt', async () => {
    const { writeFile } = await import('node:fs/promises');
    const { gzipSync } = await import('node:zlib');
    const folder = await folderWith({});
    await writeFile(`${folder}/BTCUSDT-5m.csv.gz`, gzipSync(csv(HEADER, waveRows(500))).subarray(0, 2_000));
    await expect(loadReplayMarket({ directory: folder, symbols: ['BTCUSDT'] })).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('BTCUSDT-5m.csv.gz') as unknown });
  });

  it('that is not there is an unknown symbol', async () => {
    await expect(load({})).rejects.toMatchObject({ code: 20002, message: expect.stringContaining('BTCUSDT-5m.csv') as unknown });
  });

  it('that does not cover the wanted span is refused with what it covers', async () => {
    await expect(load({ 'BTCUSDT-5m.csv': csv(HEADER, waveRows(20)) }, { fromMs: at(5), toMs: at(21) })).rejects.toMatchObject({ code: 40005, message: expect.stringContaining('2026-01-05T01:40:00.000Z') as unknown });
  });

  it('has its companions checked as strictly', async () => {
    const candles = { 'BTCUSDT-5m.csv': csv(HEADER, waveRows(20)) };
    await expect(load({ ...candles, 'BTCUSDT-funding-8h.csv': csv('timestamp,funding_rate', [`${FIRST_MS},7`]) })).rejects.toMatchObject({ code: 40007, message: expect.stringContaining('column funding_rate') as unknown });
    await expect(load({ ...candles, 'BTCUSDT-mark-1h.csv': csv('timestamp,open,high,low,close', [`${FIRST_MS},1,2,3,4`]) })).rejects.toMatchObject({ code: 40007, message: expect.stringContaining('BTCUSDT-mark-1h.csv') as unknown });
  });

  it('alone is enough: mark equals last and funding is the default rate', async () => {
    const market = await loadReplayMarket({ directory: await folderWith({ 'BTCUSDT-5m.csv': csv(HEADER, waveRows(20)) }), symbols: ['BTCUSDT'] });
    const last = market.series('BTCUSDT').at(at(3))?.open;
    expect(last).toBeDefined();
    expect(market.markPrice('BTCUSDT', at(3), last ?? market.fundingRate('BTCUSDT', 0))).toBe(last);
    expect(market.fundingRate('BTCUSDT', FIRST_MS)).toBe('0.0001');
  });
});

const instrument = instrumentFor('BTCUSDT');
const synthetic = (seed: number) => syntheticMarket({ seed, instruments: instrument === undefined ? [] : [instrument], startMs: FIRST_MS });

describe('the synthetic market', () => {
  it('gives the same candle for the same seed, whatever was asked before, and another for another seed', () => {
    const [first, second] = [synthetic(5).series('BTCUSDT'), synthetic(5).series('BTCUSDT')];
    second.at(FIRST_MS + 4_000 * STEP_MS);
    expect(second.at(FIRST_MS)).toEqual(first.at(FIRST_MS));
    expect(synthetic(6).series('BTCUSDT').at(FIRST_MS)).not.toEqual(first.at(FIRST_MS));
  });

  it('opens each candle at the previous close, within its own range and on the price grid, at any time', () => {
    const series = synthetic(1).series('BTCUSDT');
    fc.assert(fc.property(fc.integer({ min: -100_000, max: 3_000_000 }), (index) => {
      const [before, bar] = [series.at(at(index - 1)), series.at(at(index))];
      expect(bar?.open).toBe(before?.close);
      const [open, high, low, close] = [bar?.open, bar?.high, bar?.low, bar?.close].map(Number) as [number, number, number, number];
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(low).toBeGreaterThan(0);
      for (const price of [bar?.open, bar?.high, bar?.low, bar?.close]) expect(price).toMatch(/^\d+(\.\d)?$/);
    }), { numRuns: 60, verbose: 1 });
  });

  it('has more than 30 days of history before its start', () => {
    expect(synthetic(1).series('BTCUSDT').at(FIRST_MS - 31 * 86_400_000)).toBeDefined();
  });

  it('has calm and wild days: the widest of 100 days moves at least twice as much as the narrowest', () => {
    const series = synthetic(3).series('BTCUSDT');
    const ranges = Array.from({ length: 100 }, (_, day) => Array.from({ length: 288 }, (_unused, step) => {
      const bar = series.at(FIRST_MS + day * 86_400_000 + step * STEP_MS);
      return (Number(bar?.high) - Number(bar?.low)) / Number(bar?.open);
    }).reduce((sum, range) => sum + range, 0));
    expect(Math.max(...ranges)).toBeGreaterThan(2 * Math.min(...ranges));
  });
});

describe('the path through a candle', () => {
  const bar = { startMs: FIRST_MS, open: '100', high: '110', low: '95', close: '104', volume: '12', turnover: '1200' } as unknown as Bar;
  const tickSize = '0.1' as Bar['open'];

  it('visits the chosen extreme first and shows only what it has visited', () => {
    const shape = { lowFirst: true, points: 4, tickSize };
    expect([0, 1, 2, 3].map((point) => pricePoint(bar, shape, point))).toEqual(['100', '95', '110', '104']);
    expect(formingBar(bar, shape, 0)).toMatchObject({ open: '100', high: '100', low: '100', close: '100', volume: '0' });
    expect(formingBar(bar, shape, 1)).toMatchObject({ high: '100', low: '95', close: '95', volume: '4' });
    expect(formingBar(bar, shape, 3)).toMatchObject({ high: '110', low: '95', close: '104', volume: '12', turnover: '1200' });
  });

  it('ends as the recorded candle however many points it has', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 400 }), fc.boolean(), (wish, lowFirst) => {
      const shape = { lowFirst, points: pathPointsAtLeast(wish), tickSize };
      expect(shape.points).toBeGreaterThanOrEqual(wish);
      expect(formingBar(bar, shape, shape.points - 1)).toEqual(bar);
    }), { verbose: 1 });
  });
});

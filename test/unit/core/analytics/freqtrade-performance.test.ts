import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { differencesFromFreqtrade, type FreqtradeResult } from './freqtrade-results.js';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const { results } = JSON.parse(readFileSync(inRoot('test/fixtures/analytics/freqtrade-results.json'), 'utf8')) as { results: (FreqtradeResult & { name: string })[] };
const GOLDEN = inRoot('../shared/golden-metrics/');
const goldenIsHere = existsSync(GOLDEN);

describe('freqtrade\'s figures of', () => {
  it.each(results.map((result) => ({ ...result })))('$name are met to 1e-9, conventions included', (result) => {
    expect(differencesFromFreqtrade(result)).toEqual([]);
  });

  it('another run would not be called equal: whatever metric differs by more than 1e-9 is named', () => {
    const [result] = results;
    if (result === undefined) throw new Error('the fixture is empty');
    for (const [metric, value] of Object.entries(result.metrics).filter(([name]) => !/^backtest|^starting/.test(name))) {
      const wrong = typeof value === 'number' ? value * (1 + 2e-9) : '2024-03-01 00:00:01';
      const differences = differencesFromFreqtrade({ ...result, metrics: { ...result.metrics, [metric]: wrong } });
      expect(differences.map(({ name }) => name)).toEqual(value === 0 ? [] : [metric]);
    }
  });
});

describe('real backtests of freqtrade', () => {
  // not run because the results of others are no part of this repository: they lie beside it where they are at hand
  it.skipIf(!goldenIsHere).each(['00.json', '02.json'])('%s: every metric that freqtrade reported is met to 1e-9', (file) => {
    const result = JSON.parse(readFileSync(`${GOLDEN}${file}`, 'utf8')) as FreqtradeResult;
    expect(Object.keys(result.metrics).length).toBeGreaterThan(30);
    expect(differencesFromFreqtrade(result)).toEqual([]);
  });
});

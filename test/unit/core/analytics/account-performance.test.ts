import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { accountPerformance, equityCurve, type AccountMetric } from '../../../../core/analytics/account-performance.js';
import type { DayRecord, EquityReading } from '../../../../core/ports/analytics-ledger.js';
import { equalToFreqtrade } from './freqtrade-results.js';
import { DAY_MS, DAY_ONE, HOUR_MS, usdt } from './trades.js';

interface Curve {
  name: string;
  readings: { ms: number; balance: number }[];
  metrics: Record<string, number>;
}

const fixture = fileURLToPath(new URL('../../../fixtures/analytics/freqtrade-results.json', import.meta.url));
const { curves } = JSON.parse(readFileSync(fixture, 'utf8')) as { curves: Curve[] };

const reading = (hours: number, equity: number, unrealised = 0): EquityReading => ({ asOfMs: DAY_ONE + hours * HOUR_MS, equity: usdt(equity), unrealisedPnl: usdt(unrealised) });
const record = (day: number, last: EquityReading | null): DayRecord => ({ dayMs: DAY_ONE + day * DAY_MS, first: last, last, closedTrades: 0, grossPnl: usdt(0), fees: usdt(0), funding: usdt(0) });

describe('freqtrade\'s wallet statistics of', () => {
  const PARTS: Record<string, [AccountMetric, number]> = {
    sharpe: ['sharpe_ratio', 1], sortino: ['sortino_ratio', 1], calmar: ['calmar_ratio', 1],
    max_drawdown_account: ['max_drawdown_percent', 100], max_relative_drawdown: ['max_relative_drawdown_percent', 100], max_drawdown_abs: ['max_drawdown_absolute', 1],
  };

  it.each(curves.map((curve) => ({ ...curve })))('$name are met to 1e-9', ({ readings, metrics }) => {
    const { figures } = accountPerformance('freqtrade', readings.map(({ ms, balance }) => ({ asOfMs: ms, equity: usdt(balance) })));
    const got = Object.entries(PARTS).map(([name, [metric, scale]]) => ({ name, wanted: metrics[name], got: Number(figures[metric].value) / scale }));
    expect(got.filter(({ wanted, got: ours }) => !equalToFreqtrade(wanted, ours))).toEqual([]);
  });
});

describe('the account by the textbook', () => {
  it('is judged from one end of a day to the next', () => {
    const curve = equityCurve(reading(0, 1000), [record(0, reading(24, 1100)), record(1, reading(48, 990)), record(2, reading(60, 1039.5))]);
    const { figures, readings, drawdown } = accountPerformance('textbook', curve);
    const deviation = Math.sqrt(((0.1 - 0.05 / 3) ** 2 + (-0.1 - 0.05 / 3) ** 2 + (0.05 - 0.05 / 3) ** 2) / 2);
    expect(readings).toBe(4);
    expect(Number(figures.sharpe_ratio.value)).toBeCloseTo(0.05 / 3 / deviation * Math.sqrt(365), 10);
    expect(figures.total_return.value).toBe('0.0395');
    expect(figures.max_drawdown_absolute.value).toBe('110');
    expect(drawdown).toEqual({ fromMs: DAY_ONE + DAY_MS - 1, toMs: DAY_ONE + 2 * DAY_MS - 1 });
  });

  it('says so when days are missing between two readings', () => {
    const curve = equityCurve(reading(0, 1000), [record(0, reading(23, 1010)), record(1, null), record(2, reading(70, 1005)), record(3, reading(90, 1020))]);
    expect(accountPerformance('textbook', curve).figures.sharpe_ratio.reason).toBe('1 days without a reading are covered by the day after them');
  });

  it('has no figures from one reading, or from nothing', () => {
    for (const curve of [[], equityCurve(reading(1, 1000), [])]) {
      const { figures, drawdown } = accountPerformance('textbook', curve);
      expect(Object.values(figures).map(({ value, reason }) => [value, reason])).toEqual(Object.values(figures).map(() => [null, `the account was read ${curve.length} times in the period; 2 readings are needed`]));
      expect(drawdown).toEqual({ fromMs: null, toMs: null });
    }
  });

  it('has no returns of an account that was emptied', () => {
    const curve = [reading(1, 1000), reading(30, 0), reading(50, 500)];
    expect(accountPerformance('textbook', curve).figures.sharpe_ratio).toMatchObject({ value: null, reason: 'the capital was used up within the period' });
    expect(accountPerformance('freqtrade', curve).figures.sharpe_ratio).toMatchObject({ value: null, reason: 'the equity was not above zero' });
    expect(accountPerformance('textbook', curve.slice(1)).figures.total_return).toMatchObject({ value: null, reason: 'the equity was not above zero' });
  });
});

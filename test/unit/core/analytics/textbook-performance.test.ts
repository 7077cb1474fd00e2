import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freqtradePerformance } from '../../../../core/analytics/freqtrade-performance.js';
import type { Metric, Performance, PerformanceInput } from '../../../../core/analytics/performance.js';
import { textbookPerformance } from '../../../../core/analytics/textbook-performance.js';
import { dec, ZERO } from '../../../../core/money/decimal.js';
import type { ClosedTrade } from '../../../../core/ports/analytics-ledger.js';
import { anyTrades, DAY_MS, DAY_ONE, HOUR_MS, trade, usdt } from './trades.js';

const over = (trades: ClosedTrade[], given: Partial<PerformanceInput> = {}): PerformanceInput => ({ trades, openingEquity: usdt(1000), startMs: DAY_ONE, endMs: DAY_ONE + 4 * DAY_MS, unrealisedPnl: usdt(0), ...given });
const value = (performance: Performance, metric: Metric): number => Number(performance.figures[metric].value);

/** 1000 → 1100 → 990 (two trades) → 990 → 1039.5: daily returns 0.1, −0.1, 0, 0.05 */
const FOUR_DAYS = [trade(100, 5), trade(-200, 30), trade(90, 31, { openedMs: DAY_ONE + 28 * HOUR_MS }), trade('49.5', 80)];

describe('four days, counted by hand', () => {
  const performance = textbookPerformance(over(FOUR_DAYS));

  it('profit, return and counts', () => {
    expect(performance.counts).toEqual({ trades: 4, wins: 3, losses: 1, draws: 0, maxConsecutiveWins: 2, maxConsecutiveLosses: 1 });
    expect(performance.figures.net_profit).toEqual({ formula: 'textbook.net_profit', value: '39.5', reason: null });
    expect(performance.figures.total_return.value).toBe('0.0395');
    expect(performance.figures.win_rate.value).toBe('0.75');
    expect(performance.figures.expectancy.value).toBe('9.875');
    expect(performance.figures.profit_factor.value).toBe('1.1975');
    expect(performance.figures.expectancy_ratio.value).toBe('0.049375');
    expect(value(performance, 'avg_trade_return')).toBeCloseTo(0.0395, 12);
    expect(performance.figures.avg_trade_duration.value).toBe('5400');
    expect(performance.figures.avg_winner_duration.value).toBe('6000');
    expect(performance.figures.avg_loser_duration.value).toBe('3600');
  });

  it('Sharpe: mean 0.0125 over the sample deviation of the four returns', () => {
    const deviation = Math.sqrt((0.0875 ** 2 + 0.1125 ** 2 + 0.0125 ** 2 + 0.0375 ** 2) / 3);
    expect(value(performance, 'sharpe_ratio')).toBeCloseTo(0.0125 / deviation * Math.sqrt(365), 12);
  });

  it('Sortino: only what fell counts, over all days', () => {
    expect(value(performance, 'sortino_ratio')).toBeCloseTo(0.0125 / Math.sqrt(0.01 / 4) * Math.sqrt(365), 12);
  });

  it('drawdown: from 1100 to 900, with its dates', () => {
    expect(performance.figures.max_drawdown_absolute.value).toBe('200');
    expect(value(performance, 'max_drawdown_percent')).toBeCloseTo(200 / 11, 12);
    expect(performance.drawdown).toEqual({ fromMs: DAY_ONE + 5 * HOUR_MS, toMs: DAY_ONE + 30 * HOUR_MS });
  });

  it('growth per year and Calmar', () => {
    const growth = 1.0395 ** (365 / 4) - 1;
    expect(value(performance, 'cagr')).toBeCloseTo(growth, 10);
    expect(value(performance, 'calmar_ratio')).toBeCloseTo(growth / (200 / 1100), 9);
  });

  it('quality number: √4 × mean 9.875 over the sample deviation of the profits', () => {
    const deviation = Math.sqrt([100, -200, 90, 49.5].reduce((sum, profit) => sum + (profit - 9.875) ** 2, 0) / 3);
    expect(value(performance, 'sqn')).toBeCloseTo(2 * 9.875 / deviation, 12);
  });

  it('open positions count where the name says so, and nowhere else', () => {
    const withOpen = textbookPerformance(over(FOUR_DAYS, { unrealisedPnl: usdt(-10) }));
    expect(withOpen.figures.total_return_with_open.value).toBe('0.0295');
    expect({ ...withOpen.figures, total_return_with_open: null }).toEqual({ ...performance.figures, total_return_with_open: null });
  });
});

describe('what is not defined is null and says why', () => {
  const reasonOf = (input: PerformanceInput, metric: Metric): string | null => {
    const { value: found, reason } = textbookPerformance(input).figures[metric];
    return found === null ? reason : `has the value ${found}`;
  };

  it.each<[string, PerformanceInput, Metric, string]>([
    ['no trades', over([]), 'sharpe_ratio', 'no trade was closed in the period'],
    ['no trades', over([]), 'expectancy', 'no trade was closed in the period'],
    ['no losses', over([trade(1, 2)]), 'profit_factor', 'no trade lost'],
    ['no losing day', over([trade(1, 2)]), 'sortino_ratio', 'no day lost, so the downside deviation is zero'],
    ['no fall', over([trade(1, 2)]), 'calmar_ratio', 'the balance never fell, so there is no drawdown'],
    ['one trade', over([trade(1, 2)]), 'sqn', 'one trade has no deviation'],
    ['equal trades', over([trade(1, 2), trade(1, 3)]), 'sqn', 'all trades earned the same, so their deviation is zero'],
    ['a draw on every day', over([trade(0, 2)]), 'sharpe_ratio', 'all daily returns are equal, so their deviation is zero'],
    ['one day', over([trade(1, 2)], { endMs: DAY_ONE + DAY_MS }), 'sharpe_ratio', 'the period has returns of 1 UTC days; 2 are needed'],
    ['less than a day', over([trade(1, 2)], { endMs: DAY_ONE + 3 * HOUR_MS }), 'cagr', 'the period is shorter than a day, too short for a rate per year'],
    ['more lost than there was', over([trade(-600, 2), trade(-600, 26)]), 'cagr', 'the capital was used up within the period'],
    ['nothing left on the third day', over([trade(-1000, 2)]), 'sharpe_ratio', 'the capital was used up within the period'],
    ['a fortune in a day', over([trade(999_000, 2)], { endMs: DAY_ONE + DAY_MS }), 'cagr', 'the period is too short for so large a gain: the rate per year is beyond all sense'],
    ['unknown equity', over(FOUR_DAYS, { openingEquity: null }), 'total_return', 'the equity of the account at the start of the period is not known'],
    ['an empty account', over(FOUR_DAYS, { openingEquity: usdt(0) }), 'max_drawdown_percent', 'the equity of the account at the start of the period is not known'],
    ['a past period', over(FOUR_DAYS, { unrealisedPnl: null }), 'total_return_with_open', 'the unrealised profit of the open positions is not known'],
  ])('%s', (_when, input, metric, reason) => {
    expect(reasonOf(input, metric)).toBe(reason);
  });

  it('what needs no capital is known without it', () => {
    const { figures } = textbookPerformance(over(FOUR_DAYS, { openingEquity: null }));
    expect([figures.net_profit.value, figures.win_rate.value, figures.expectancy.value]).toEqual(['39.5', '0.75', '9.875']);
  });
});

describe('whatever was traded', () => {
  const anyInput = anyTrades.map((trades) => over(trades, { endMs: DAY_ONE + 20 * DAY_MS }));

  it('every figure has a value or a reason, under the name of its definition', () => {
    fc.assert(fc.property(anyInput, (input) => {
      for (const [definition, { figures }] of [['textbook', textbookPerformance(input)], ['freqtrade', freqtradePerformance(input)]] as const) {
        for (const [metric, figure] of Object.entries(figures)) {
          expect(figure.formula).toBe(`${definition}.${metric}`);
          expect(figure.value !== null || figure.reason !== null).toBe(true);
          expect(figure.value === null || Number.isFinite(Number(figure.value))).toBe(true);
        }
      }
    }));
  });

  it('both definitions agree where they mean the same', () => {
    fc.assert(fc.property(anyInput.filter(({ trades }) => trades.length > 0), (input) => {
      const [ours, theirs] = [textbookPerformance(input), freqtradePerformance(input)];
      for (const metric of ['net_profit', 'total_return', 'win_rate'] as const) expect(ours.figures[metric].value).toBe(theirs.figures[metric].value);
      expect(value(ours, 'expectancy')).toBeCloseTo(value(theirs, 'expectancy'), 9);
      expect(value(ours, 'max_drawdown_percent')).toBeCloseTo(value(theirs, 'max_relative_drawdown_percent'), 9);
    }));
  });

  it('the order of the trades changes neither profit, nor win rate, nor Sharpe ratio', () => {
    fc.assert(fc.property(anyInput, (input) => {
      const reversed = textbookPerformance({ ...input, trades: [...input.trades].reverse() });
      for (const metric of ['net_profit', 'win_rate', 'profit_factor', 'sharpe_ratio'] as const) expect(reversed.figures[metric]).toEqual(textbookPerformance(input).figures[metric]);
    }));
  });

  it('net profit is the sum of the profits, and the strategies add up to the whole', () => {
    fc.assert(fc.property(anyInput, (input) => {
      const parts = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol) => textbookPerformance({ ...input, trades: input.trades.filter((each) => each.symbol === symbol) }));
      const sum = parts.reduce((total, { figures }) => total.plus(dec(figures.net_profit.value ?? usdt(0))), ZERO);
      expect(sum.toFixed()).toBe(textbookPerformance(input).figures.net_profit.value);
    }));
  });
});

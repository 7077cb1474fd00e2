import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakDown, type TradeGroup } from '../../../../core/analytics/trade-groups.js';
import { dec, ZERO } from '../../../../core/money/decimal.js';
import { anyTrades, DAY_ONE, HOUR_MS, trade, usdt } from './trades.js';

const inOrder = (groups: TradeGroup[]): [string, string][] => groups.map(({ key, realisedPnl }) => [key, realisedPnl]);

describe('closed trades by what they have in common', () => {
  const trades = [
    trade('4.5', 5, { fees: usdt('0.5'), grossPnl: usdt(5) }),
    trade(-2, 30, { symbol: 'ETHUSDT', side: 'Sell', exitReason: 'stop_loss', openedMs: DAY_ONE + 28.9 * HOUR_MS }),
    trade(0, 31, { exitReason: null, openedMs: DAY_ONE - HOUR_MS }),
  ];

  it('stand in groups by symbol, side, exit reason and hour of entry', () => {
    const { total, bySymbol, bySide, byExitReason, byHour } = breakDown(trades);
    expect(total).toEqual({ key: 'all', trades: 3, wins: 1, losses: 1, draws: 1, grossPnl: '3', fees: '0.5', funding: '0', realisedPnl: '2.5', averages: expect.objectContaining({ bestPnl: '4.5', worstPnl: '-2' }) as unknown });
    expect(inOrder(bySymbol)).toEqual([['BTCUSDT', '4.5'], ['ETHUSDT', '-2']]);
    expect(inOrder(bySide)).toEqual([['Buy', '4.5'], ['Sell', '-2']]);
    expect(inOrder(byExitReason)).toEqual([['signal', '4.5'], ['stop_loss', '-2'], ['unknown', '0']]);
    expect(inOrder(byHour)).toEqual([['04', '2.5'], ['23', '0']]);
  });

  it('have no averages where there are none', () => {
    expect(breakDown([])).toEqual({ total: { key: 'all', trades: 0, wins: 0, losses: 0, draws: 0, grossPnl: '0', fees: '0', funding: '0', realisedPnl: '0', averages: null }, bySymbol: [], bySide: [], byExitReason: [], byHour: [] });
  });

  it('add up to the total in every breakdown, whatever was traded', () => {
    fc.assert(fc.property(anyTrades, (any) => {
      const { total, ...breakdowns } = breakDown(any);
      for (const groups of Object.values(breakdowns)) {
        for (const field of ['grossPnl', 'fees', 'funding', 'realisedPnl'] as const) expect(groups.reduce((sum, group) => sum.plus(dec(group[field])), ZERO).toFixed()).toBe(total[field]);
        for (const field of ['trades', 'wins', 'losses', 'draws'] as const) expect(groups.reduce((sum, group) => sum + group[field], 0)).toBe(total[field]);
      }
    }));
  });

  it('have an average between the worst and the best', () => {
    fc.assert(fc.property(anyTrades, (any) => {
      for (const { averages } of breakDown(any).bySymbol) {
        expect(Number(averages?.averagePnl)).toBeGreaterThanOrEqual(Number(averages?.worstPnl));
        expect(Number(averages?.averagePnl)).toBeLessThanOrEqual(Number(averages?.bestPnl));
      }
    }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dailyPnl, totalPnl } from '../../../../core/analytics/daily-pnl.js';
import { dec, ZERO } from '../../../../core/money/decimal.js';
import type { DayRecord, EquityReading } from '../../../../core/ports/analytics-ledger.js';
import { anyAmount, DAY_MS, DAY_ONE, HOUR_MS, usdt } from './trades.js';

const reading = (hours: number, equity: number | string, unrealised: number | string = 0): EquityReading => ({ asOfMs: DAY_ONE + hours * HOUR_MS, equity: usdt(equity), unrealisedPnl: usdt(unrealised) });
const record = (given: Partial<DayRecord> = {}): DayRecord => ({ dayMs: DAY_ONE, first: null, last: null, closedTrades: 0, grossPnl: usdt(0), fees: usdt(0), funding: usdt(0), ...given });

describe('the profit and loss of a day', () => {
  it('is what closed, less fees and funding, and what the open positions gained', () => {
    const [day] = dailyPnl([record({ closedTrades: 2, grossPnl: usdt('10.5'), fees: usdt('1.5'), funding: usdt('-0.25'), first: reading(0, 1000, -3), last: reading(24, '1017.25', 5) })], null);
    expect(day).toEqual({
      dayMs: DAY_ONE, closedTrades: 2, grossPnl: '10.5', fees: '1.5', funding: '-0.25', realisedPnl: '9.25', reason: null,
      equity: { start: '1000', end: '1017.25', endMs: DAY_ONE + DAY_MS, change: '17.25', unrealised: '5', unrealisedChange: '8', netPnl: '17.25', returnPercent: '1.725', unexplained: '0' },
    });
  });

  it('names what trades do not explain, as a deposit', () => {
    const [day] = dailyPnl([record({ grossPnl: usdt(10), first: reading(0, 1000), last: reading(24, 1510) })], null);
    expect(day?.equity).toMatchObject({ change: '510', netPnl: '10', unexplained: '500' });
  });

  it('of a day without trading is zero, and its equity unknown when nobody read it', () => {
    expect(dailyPnl([record()], null)).toEqual([{ dayMs: DAY_ONE, closedTrades: 0, grossPnl: '0', fees: '0', funding: '0', realisedPnl: '0', equity: null, reason: 'the account was not read on this day, so its equity is not known' }]);
  });

  it('has no return on nothing', () => {
    expect(dailyPnl([record({ first: reading(0, 0), last: reading(1, 5) })], null)[0]).toMatchObject({ equity: { change: '5', returnPercent: null }, reason: 'the equity at the start of the day was not above zero, so there is no return on it' });
  });
});

describe('the newest reading of the wallet', () => {
  const today = record({ first: reading(1, 1000), last: reading(2, 1001) });

  it('ends the day it is of, and makes a day known that had no reading', () => {
    expect(dailyPnl([today], reading(3, 1005, 4))[0]?.equity).toMatchObject({ start: '1000', end: '1005', unrealised: '4' });
    expect(dailyPnl([record()], reading(3, 1005, 4))[0]?.equity).toMatchObject({ start: '1005', end: '1005', change: '0', unrealised: '4' });
  });
  it('counts more than a point of the curve of the same instant: it was read later', () => {
    expect(dailyPnl([today], reading(2, 1003))[0]?.equity).toMatchObject({ end: '1003' });
  });
  it('changes nothing when it is older, or of another day', () => {
    for (const newest of [reading(1.5, 7), reading(-1, 7), reading(24, 7)]) expect(dailyPnl([today], newest)).toEqual(dailyPnl([today], null));
  });
});

describe('whatever the days were', () => {
  const anyDay = fc.record({ grossPnl: anyAmount, fees: anyAmount, funding: anyAmount, equity: fc.integer({ min: 0, max: 1_000_000 }), unrealised: anyAmount, closedTrades: fc.nat(9) });
  const anyDays = fc.array(anyDay, { minLength: 1, maxLength: 30 }).map((days) => days.map(({ equity, unrealised, ...rest }, index): DayRecord => {
    const before = days[index - 1];
    return record({ ...rest, dayMs: DAY_ONE + index * DAY_MS, first: reading(24 * index, before?.equity ?? 500, before?.unrealised ?? 0), last: reading(24 * index + 24, equity, unrealised) });
  }));

  it('the totals are the sums of the days', () => {
    fc.assert(fc.property(anyDays, (records) => {
      const days = dailyPnl(records, null);
      const { realisedPnl, grossPnl, fees, funding } = totalPnl(days);
      expect(days.reduce((sum, day) => sum.plus(dec(day.realisedPnl)), ZERO).toFixed()).toBe(realisedPnl);
      expect(dec(grossPnl).minus(dec(fees)).minus(dec(funding)).toFixed()).toBe(realisedPnl);
    }));
  });
  it('the changes of adjoining days are the change of the whole, and nothing of them is lost between the columns', () => {
    fc.assert(fc.property(anyDays, (records) => {
      const days = dailyPnl(records, null).map(({ equity }) => equity);
      const change = days.reduce((sum, equity) => sum.plus(dec(equity?.change ?? usdt(0))), ZERO);
      expect(change.toFixed()).toBe(dec(days.at(-1)?.end ?? usdt(0)).minus(500).toFixed());
      for (const equity of days) if (equity !== null) expect(dec(equity.netPnl).plus(dec(equity.unexplained)).toFixed()).toBe(equity.change);
    }));
  });
});

/** Closed trades for tests: what a test is about, the rest plausible. */
import fc from 'fast-check';
import { dec, toDecimalString, type DecimalString } from '../../../../core/money/decimal.js';
import type { ClosedTrade } from '../../../../core/ports/analytics-ledger.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const DAY_ONE = Date.UTC(2024, 0, 1);

export const usdt = (value: number | string): DecimalString => toDecimalString(String(value));

/** A trade that earned `profit` USDT and closed so many hours after the start of the first day. */
export function trade(profit: number | string, closedHours: number, given: Partial<ClosedTrade> = {}): ClosedTrade {
  return {
    tradeId: `t-${closedHours}`, strategy: 'alpha', symbol: 'BTCUSDT', side: 'Buy', exitReason: 'signal', openedMs: DAY_ONE + (closedHours - 1) * HOUR_MS, closedMs: DAY_ONE + closedHours * HOUR_MS,
    entryValue: usdt(500), leverage: usdt(2), entryFees: usdt('0.25'), grossPnl: usdt(profit), fees: usdt(0), funding: usdt(0), realisedPnl: usdt(profit), ...given,
  };
}

/** Cents from −1000 to 1000 USDT. */
export const anyAmount = fc.integer({ min: -100_000, max: 100_000 }).map((cents) => usdt(dec(usdt(cents)).div(100).toFixed()));

/** Up to forty trades in the order of their exits, within twenty days. */
export const anyTrades: fc.Arbitrary<ClosedTrade[]> = fc
  .array(fc.record({ profit: anyAmount, fees: anyAmount, funding: anyAmount, closed: fc.integer({ min: 1, max: 479 }), held: fc.integer({ min: 0, max: 30 }), symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT'), side: fc.constantFrom('Buy' as const, 'Sell' as const), exitReason: fc.constantFrom('signal', 'stop_loss', 'take_profit', null) }), { maxLength: 40 })
  .map((rows) => rows.sort((one, other) => one.closed - other.closed).map(({ profit, closed, held, fees, funding, ...given }) =>
    trade(profit, closed, { ...given, fees, funding, openedMs: DAY_ONE + (closed - held) * HOUR_MS, grossPnl: usdt(dec(profit).plus(dec(fees)).plus(dec(funding)).toFixed()) })));

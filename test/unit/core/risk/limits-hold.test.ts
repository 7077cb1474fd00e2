/**
 * The promise of risk: whatever the order in which strategies signal, entries fill or fail and trades end, no limit is
 * passed at any instant.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal, dec, isMultipleOf } from '../../../../core/money/decimal.js';
import { decideEntry } from '../../../../core/risk/decide-entry.js';
import type { EntryInput } from '../../../../core/risk/entry-verdict.js';
import { dayLossBudget, tradeClosed, tradeSettled, type Exposure, type RiskState } from '../../../../core/risk/risk-state.js';
import type { RiskLimits } from '../../../../core/risk/risk-limits.js';
import { BTC, d } from '../samples.js';
import { LIMITS, NOON_MS, longBtc } from './entry-samples.js';

const SEED = 20260105;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT', 'ADAUSDT'];

const cents = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min: min * 100, max: max * 100 }).map((value) => new Decimal(value).div(100).toFixed());

const limitsArbitrary = fc.record({
  maxPositionSize: cents(1, 100), maxSymbolExposurePercent: cents(60, 150), maxPositions: fc.integer({ min: 1, max: 5 }), maxTotalExposurePercent: cents(10, 300),
  dailyLossLimitPercent: cents(0.1, 10), leverage: cents(1, 10),
}).map((drawn): RiskLimits => ({
  ...LIMITS, maxPositions: drawn.maxPositions, maxPositionSize: d(drawn.maxPositionSize), maxSymbolExposurePercent: d(drawn.maxSymbolExposurePercent), maxTotalExposurePercent: d(drawn.maxTotalExposurePercent),
  dailyLossLimitPercent: d(drawn.dailyLossLimitPercent), leverage: d(drawn.leverage),
}));

const signalArbitrary = fc.record({
  kind: fc.constant('signal' as const), symbol: fc.constantFrom(...SYMBOLS), strategy: fc.constantFrom('one', 'two', 'three', 'four'),
  side: fc.constantFrom('Buy' as const, 'Sell' as const), price: cents(1, 70_000), stop: cents(0.2, 5), move: fc.integer({ min: -99, max: 99 }),
});
const eventArbitrary = fc.oneof(
  { weight: 3, arbitrary: signalArbitrary },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settled' as const), pick: fc.nat(9), opened: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('closed' as const), pick: fc.nat(9), reason: fc.constantFrom('signal' as const, 'stop_loss' as const) }) },
);
type Event = typeof eventArbitrary extends fc.Arbitrary<infer T> ? T : never;

const instrumentOf = (symbol: string): typeof BTC => ({ ...BTC, symbol, tickSize: d('0.001'), qtyStep: d('0.001'), priceLimitRatioX: d('0.1') });

function entryOf(event: Extract<Event, { kind: 'signal' }>, state: RiskState, limits: RiskLimits, at: number): EntryInput {
  const last = d(new Decimal(event.price).times(10_000 + event.move).div(10_000).toFixed());
  return longBtc({
    state, limits, strategy: event.strategy, symbol: event.symbol, instrument: instrumentOf(event.symbol), decidedMs: at, nowMs: at,
    signal: { kind: 'enter', side: event.side, referencePrice: d(event.price), stopLossPercent: d(event.stop), conditions: [] },
    ticker: { lastPrice: last, markPrice: last },
  });
}

/** How often each rule had the word, to see that the drawn histories really push against the limits. */
const outcomes = new Map<string, number>();

function next(state: RiskState, event: Event, limits: RiskLimits, at: number): RiskState {
  const trades = Object.values(state.exposures);
  switch (event.kind) {
    case 'signal': {
      const input = entryOf(event, state, limits, at);
      const verdict = decideEntry(input);
      const outcome = verdict.kind === 'approved' ? verdict.kind : verdict.rule;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (verdict.kind === 'approved') expectSizedWithin(verdict, input);
      return verdict.state;
    }
    case 'settled': {
      const trade = trades[event.pick % Math.max(trades.length, 1)];
      if (trade === undefined) return state;
      return tradeSettled(state, event.opened ? { kind: 'open', tradeId: trade.tradeId, settledMs: at } : { kind: 'failed', tradeId: trade.tradeId });
    }
    case 'closed': {
      const trade = trades[event.pick % Math.max(trades.length, 1)];
      if (trade === undefined) return state;
      return tradeClosed(state, { tradeId: trade.tradeId, symbol: trade.symbol, exitReason: event.reason, closedMs: at }, limits);
    }
  }
}

function expectSizedWithin(verdict: Extract<ReturnType<typeof decideEntry>, { kind: 'approved' }>, { limits, wallet, signal, instrument }: EntryInput): void {
  const cap = dec(wallet.equity).times(dec(limits.maxPositionSize)).div(100);
  expect(dec(verdict.notional).lte(cap)).toBe(true);
  const qty = dec(verdict.order.qty);
  const step = dec(instrument?.qtyStep ?? d('1'));
  expect(isMultipleOf(qty, step)).toBe(true);
  const oneStepMore = dec(verdict.notional).div(qty).times(qty.plus(step));
  expect(oneStepMore.gt(cap) || qty.eq(dec(BTC.maxMarketOrderQty))).toBe(true);
  const isBelow = dec(verdict.order.stopLoss).lt(dec(signal.referencePrice));
  expect(isBelow).toBe(signal.side === 'Buy');
}

function expectWithinLimits(state: RiskState, limits: RiskLimits): void {
  const exposures = Object.values(state.exposures);
  const total = (pick: (exposure: Exposure) => string): Decimal => exposures.reduce((sum, exposure) => sum.plus(pick(exposure)), new Decimal(0));
  expect(exposures.length).toBeLessThanOrEqual(limits.maxPositions);
  expect(new Set(exposures.map(({ symbol }) => symbol)).size).toBe(exposures.length);
  for (const { notional } of exposures) expect(dec(notional).lte(dec(limits.maxSymbolExposurePercent).times(100))).toBe(true);
  expect(total(({ notional }) => notional).lte(dec(limits.maxTotalExposurePercent).times(100))).toBe(true);
  expect(total(({ riskAtStop }) => riskAtStop).lte(dayLossBudget(state, d('10000'), limits))).toBe(true);
  expect(total(({ settledMs, margin }) => (settledMs === null ? margin : '0')).lte(10_000)).toBe(true);
}

it('no interleaving of signals, fills, failures and closes ever passes a limit', () => {
  fc.assert(fc.property(limitsArbitrary, fc.array(eventArbitrary, { minLength: 20, maxLength: 40 }), (limits, events) => {
    let state = longBtc().state;
    for (const [index, event] of events.entries()) {
      state = next(state, event, limits, NOON_MS + index * 60_000);
      expectWithinLimits(state, limits);
    }
  }), { seed: SEED, numRuns: 200 });
  for (const outcome of ['approved', 'max_positions', 'one_position_per_symbol', 'max_symbol_exposure', 'max_total_exposure', 'daily_loss_budget', 'margin', 'cooldown']) {
    expect(outcomes.get(outcome) ?? 0, `${outcome} among ${JSON.stringify([...outcomes])}`).toBeGreaterThan(10);
  }
});

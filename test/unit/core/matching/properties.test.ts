import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyCommand } from '../../../../core/matching/apply-command.js';
import type { Applied, ExchangeCommand, ExchangeOptions, OrderRow } from '../../../../core/matching/contract.js';
import { createExchangeState, openOrdersOf, restoreState, snapshotState, type ExchangeState } from '../../../../core/matching/exchange-state.js';
import { ZERO, dec, isMultipleOf, roundToWalletPrecision, toDecimalString } from '../../../../core/money/decimal.js';
import { isTerminal } from '../../../../core/orders/order.js';
import { EMPTY_POSITION, applyFill, applyFunding, walletChange, type PositionBook } from '../../../../core/portfolio/position.js';
import { positionOf } from '../../../../core/matching/queries.js';

const SEED = 20260105;
const RUNS = { seed: SEED, numRuns: 60 };
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const PRICE_OF = { BTCUSDT: '50000', ETHUSDT: '3000' } as const;

/** A price as a whole percentage of the symbol's base price: always on the tick. */
const at = (symbol: (typeof SYMBOLS)[number], percent: number) => dec(toDecimalString(PRICE_OF[symbol])).times(percent).div(100).toFixed();

const symbol = fc.constantFrom(...SYMBOLS);
const side = fc.constantFrom('Buy' as const, 'Sell' as const);
const percent = fc.integer({ min: 80, max: 120 });
const qty = fc.integer({ min: 1, max: 60 }).map((steps) => toDecimalString(dec(toDecimalString('0.01')).times(steps)));
const partialFills = fc.option(fc.record({ seed: fc.integer({ min: 0, max: 9 }), maxParts: fc.integer({ min: 2, max: 4 }), cancelRemainder: fc.boolean() }), { nil: undefined });

type Timeless = ExchangeCommand extends infer Command ? (Command extends unknown ? Omit<Command, 'atMs'> : never) : never;

const move = fc.record({ symbol, percent, jump: fc.boolean(), drift: fc.integer({ min: -5, max: 5 }) }).map((it): Timeless => {
  const last = at(it.symbol, it.percent);
  const mark = dec(toDecimalString(last)).times(1000 + it.drift).div(1000).toFixed(1);
  return { kind: 'priceStep', symbol: it.symbol, lastPrice: last, markPrice: mark, indexPrice: mark, volume: '500', continuous: !it.jump };
});
const trade = fc.record({ symbol, side, qty, partialFills, reduceOnly: fc.boolean() }).map((it): Timeless => ({
  kind: 'placeOrder', symbol: it.symbol, side: it.side, orderType: 'Market', qty: it.qty, reduceOnly: it.reduceOnly,
  ...(it.partialFills && { partialFills: it.partialFills }),
}));
const resting = fc.record({ symbol, side, qty, percent, partialFills, timeInForce: fc.constantFrom('GTC' as const, 'IOC' as const, 'FOK' as const, 'PostOnly' as const), reduceOnly: fc.boolean() })
  .map((it): Timeless => ({
    kind: 'placeOrder', symbol: it.symbol, side: it.side, orderType: 'Limit', qty: it.qty, price: at(it.symbol, it.percent), timeInForce: it.timeInForce,
    reduceOnly: it.reduceOnly, ...(it.partialFills && { partialFills: it.partialFills }),
  }));
const conditional = fc.record({ symbol, side, qty, percent, direction: fc.constantFrom(1 as const, 2 as const), by: fc.constantFrom('LastPrice' as const, 'MarkPrice' as const) })
  .map((it): Timeless => ({
    kind: 'placeOrder', symbol: it.symbol, side: it.side, orderType: 'Market', qty: it.qty,
    triggerPrice: at(it.symbol, it.percent), triggerDirection: it.direction, triggerBy: it.by,
  }));
const protect = fc.record({ symbol, stopLoss: percent, takeProfit: percent }).map((it): Timeless => ({
  kind: 'setTradingStop', symbol: it.symbol, stopLoss: at(it.symbol, it.stopLoss), takeProfit: at(it.symbol, it.takeProfit),
}));
const housekeeping = fc.oneof(
  fc.record({ symbol, rate: fc.constantFrom('0.0001', '-0.00037', '0.0123') }).map((it): Timeless => ({ kind: 'fundingTick', ...it })),
  symbol.map((it): Timeless => ({ kind: 'cancelAll', symbol: it })),
  fc.constantFrom('12.34567891', '-3.5').map((amount): Timeless => ({ kind: 'deposit', amount })),
  fc.record({ symbol, leverage: fc.constantFrom('1', '5', '20') }).map((it): Timeless => ({ kind: 'setLeverage', symbol: it.symbol, buyLeverage: it.leverage, sellLeverage: it.leverage })),
);
/** an entry with a stop on the right side of wherever the market is, decided when it is sent */
const entry = fc.record({ symbol, side, qty, partialFills }).map((it) => ({ kind: 'entry' as const, ...it }));

const anything = fc.oneof({ weight: 4, arbitrary: move }, { weight: 3, arbitrary: trade }, resting, conditional, protect, housekeeping, { weight: 2, arbitrary: entry });
const story = fc.array(anything, { minLength: 1, maxLength: 40 });
type Step = Timeless | { kind: 'entry'; symbol: (typeof SYMBOLS)[number]; side: 'Buy' | 'Sell'; qty: string; partialFills: OrderRow['partialFills'] | undefined };

const OPTIONS: Partial<ExchangeOptions> = { startingBalance: toDecimalString('20000') };

interface Run { state: ExchangeState; journal: ExchangeCommand[]; applied: Applied[] }

function play(steps: readonly Step[], watch: (state: ExchangeState) => void = () => undefined): Run {
  const run: Run = { state: createExchangeState(OPTIONS), journal: [], applied: [] };
  const opening = SYMBOLS.map((name): Step => ({ kind: 'priceStep', symbol: name, lastPrice: PRICE_OF[name], markPrice: PRICE_OF[name], indexPrice: PRICE_OF[name], volume: '500' }));
  [...opening, ...steps].forEach((step, index) => {
    const command = { ...(step.kind === 'entry' ? protectedEntry(run.state, step) : step), atMs: 1_000_000 + index * 1000 };
    run.journal.push(command);
    run.applied.push(applyCommand(run.state, command));
    watch(run.state);
  });
  return run;
}

function protectedEntry(state: ExchangeState, step: Extract<Step, { kind: 'entry' }>): Timeless {
  const last = dec(state.symbols[step.symbol]?.prices?.lastPrice ?? toDecimalString('1'));
  const stop = last.times(step.side === 'Buy' ? 95 : 105).div(100).toDecimalPlaces(0);
  return {
    kind: 'placeOrder', symbol: step.symbol, side: step.side, orderType: 'Market', qty: step.qty, stopLoss: stop.toFixed(),
    ...(step.partialFills && { partialFills: step.partialFills }),
  };
}

describe(`any story of the exchange (seed ${SEED})`, () => {
  it('ends with a wallet that is start + transfers + realised − fees − funding, to the last decimal, by executions and by the log', () => {
    fc.assert(fc.property(story, (steps) => {
      const { state } = play(steps);
      const transfers = state.transactions.filter((row) => row.type.startsWith('TRANSFER')).reduce((sum, row) => sum.plus(row.cashFlow), ZERO);
      const traded = state.executions.reduce((sum, row) => sum.plus(row.execPnl).minus(row.fee), ZERO);
      const start = dec(state.options.startingBalance);
      expect(state.walletBalance).toBe(toDecimalString(start.plus(transfers).plus(traded)));
      let balance = start;
      for (const row of state.transactions) {
        balance = balance.plus(row.change);
        expect(row.cashBalance).toBe(toDecimalString(balance));
        expect(roundToWalletPrecision(balance).eq(balance)).toBe(true);
      }
    }), RUNS);
  });

  it('has positions that a checker finds again by folding the executions alone', () => {
    fc.assert(fc.property(story, (steps) => {
      const { state } = play(steps);
      for (const name of SYMBOLS) {
        const book = state.executions.filter((row) => row.symbol === name).reduce((folded, row): PositionBook => (row.execType === 'Funding'
          ? applyFunding(folded, { markPrice: row.markPrice, rate: row.feeRate }).book
          : applyFill(folded, row).book), EMPTY_POSITION);
        expect(state.symbols[name]?.position).toEqual(book);
        expect(positionOf(state, name).cumRealisedPnl).toBe(toDecimalString(walletChange(book)));
      }
    }), RUNS);
  });

  it('conserves quantity: every order filled what its executions say, never more than it asked, on step and tick', () => {
    fc.assert(fc.property(story, (steps) => {
      const { state } = play(steps);
      for (const order of Object.values(state.orders)) {
        const fills = state.executions.filter((row) => row.orderId === order.orderId);
        const filled = fills.reduce((sum, row) => sum.plus(row.qty), ZERO);
        expect(order.cumExecQty).toBe(toDecimalString(filled));
        expect(filled.lte(order.qty)).toBe(true);
        expect(order.status === 'Filled').toBe(filled.gt(0) && filled.eq(order.qty));
        expect(dec(order.leavesQty).eq(isTerminal(order.status) ? ZERO : dec(order.qty).minus(filled))).toBe(true);
        for (const row of fills) {
          const rules = state.symbols[row.symbol]?.instrument;
          expect(rules !== undefined && isMultipleOf(dec(row.price), dec(rules.tickSize)) && isMultipleOf(dec(row.qty), dec(rules.qtyStep))).toBe(true);
        }
      }
      expect(new Set(state.executions.map((row) => row.execId)).size).toBe(state.executions.length);
    }), RUNS);
  });

  it('never fills a limit worse than its price, nor a reduce-only order into a position', () => {
    fc.assert(fc.property(story, (steps) => {
      const { state } = play(steps);
      for (const row of state.executions) {
        const order = state.orders[row.orderId];
        if (order === undefined || row.execType !== 'Trade') continue;
        if (order.stopOrderType === '') expect(order.side === 'Buy' ? dec(row.price).lte(order.price) : dec(row.price).gte(order.price)).toBe(true);
        if (order.reduceOnly) expect(row.closedSize).toBe(row.qty);
      }
    }), RUNS);
  });

  it('keeps one full stop at most, over exactly the position, on its closing side, and none without a position', () => {
    fc.assert(fc.property(story, (steps) => {
      play(steps, (state) => {
        for (const each of Object.values(state.symbols)) {
          const size = dec(each.position.signedSize);
          const open = openOrdersOf(state, each);
          for (const kind of ['StopLoss', 'TakeProfit']) {
            const full = open.filter((order) => order.stopOrderType === kind);
            expect(full.length).toBeLessThanOrEqual(size.isZero() ? 0 : 1);
            for (const order of full) expect([order.qty, order.side]).toEqual([toDecimalString(size.abs()), size.gt(0) ? 'Sell' : 'Buy']);
          }
          expect(open.every((order) => !isTerminal(order.status))).toBe(true);
        }
      });
    }), RUNS);
  });

  it('gives the identical state, replies and events when its journal is replayed, also from any snapshot in the middle', () => {
    fc.assert(fc.property(story, fc.nat({ max: 40 }), (steps, cut) => {
      const { state, journal, applied } = play(steps);
      const middle = Math.min(cut, journal.length);
      const first = createExchangeState(OPTIONS);
      const before = journal.slice(0, middle).map((command) => applyCommand(first, command));
      const second = restoreState(snapshotState(first));
      const after = journal.slice(middle).map((command) => applyCommand(second, command));
      expect(snapshotState(second)).toBe(snapshotState(state));
      expect(JSON.stringify([...before, ...after])).toBe(JSON.stringify(applied));
    }), RUNS);
  });
});

describe(`a position too large for its account (seed ${SEED})`, () => {
  it('is taken over however far the market jumps against it, and the wallet ends at 0 or a rounding above, never in debt', () => {
    const heavy = fc.record({ side, steps: fc.integer({ min: 1000, max: 1800 }), jump: fc.integer({ min: 20, max: 90 }) });
    fc.assert(fc.property(heavy, ({ side: held, steps, jump }) => {
      const state = createExchangeState({ startingBalance: toDecimalString('10000') });
      const move = (price: string, atMs: number) =>
        applyCommand(state, { kind: 'priceStep', symbol: 'BTCUSDT', lastPrice: price, markPrice: price, indexPrice: price, volume: '5000', atMs });
      move('50000', 1);
      const size = dec(toDecimalString('0.001')).times(steps).toFixed();
      applyCommand(state, { kind: 'placeOrder', symbol: 'BTCUSDT', side: held, orderType: 'Market', qty: size, atMs: 2 });
      move(dec(toDecimalString('500')).times(held === 'Buy' ? 100 - jump : 100 + jump).toFixed(), 3);
      expect(state.executions.at(-1)?.execType).toBe('BustTrade');
      expect(positionOf(state, 'BTCUSDT').side).toBe('None');
      const left = dec(state.walletBalance);
      expect(left.gte(0) && left.lt(1)).toBe(true);
    }), RUNS);
  });
});

describe(`positions opened only with a stop (seed ${SEED})`, () => {
  it('are covered over their full size at every instant: the watch records nothing', () => {
    const guarded = fc.array(fc.oneof(entry, move, resting.map((it): Timeless => ({ ...it, reduceOnly: true }) as Timeless)), { maxLength: 40 });
    fc.assert(fc.property(guarded, (steps) => {
      const { state } = play(steps);
      expect(state.unprotectedSpans).toEqual([]);
    }), RUNS);
  });
});

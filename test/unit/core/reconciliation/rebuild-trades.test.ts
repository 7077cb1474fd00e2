import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, toDecimalString, ZERO } from '../../../../core/money/decimal.js';
import { orderLinkIdFor, tradeIdFor } from '../../../../core/orders/ids.js';
import { oppositeSide, type Execution, type Side } from '../../../../core/orders/order.js';
import { rebuildTrades } from '../../../../core/reconciliation/rebuild-trades.js';
import { rowOfRebuilt, type TradeEvidence } from '../../../../core/reconciliation/rebuilt-row.js';
import { summariseTrade } from '../../../../core/reconciliation/trade-summary.js';
import { MONDAY_MS, executionOf } from '../samples.js';

/** One position from flat to flat, as it is generated. */
interface Life {
  symbol: string;
  side: Side;
  own: boolean;
  /** parts of the quantity, in steps of 0.001, by which it is entered; it is left by as many */
  parts: number[];
  exit: 'signal' | 'stop';
  fundings: number;
}

const STRATEGY = 'mean_reversion_btc';
const life = fc.record({
  symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT'), side: fc.constantFrom<Side>('Buy', 'Sell'), own: fc.boolean(),
  parts: fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 4 }), exit: fc.constantFrom<Life['exit']>('signal', 'stop'), fundings: fc.integer({ min: 0, max: 3 }),
});
const lives = fc.array(life, { minLength: 1, maxLength: 8 });

interface Truth {
  tradeId: string | undefined;
  life: Life;
  executions: Execution[];
}

/** One after the other, each execution a second after the one before. */
function truthOf(all: readonly Life[]): Truth[] {
  let count = 0;
  return all.map((each) => {
    const { symbol, side, own, parts, exit, fundings } = each;
    const decidedMs = MONDAY_MS + count * 1_000;
    const tradeId = tradeIdFor({ strategy: STRATEGY, symbol, decidedMs });
    const next = (fields: Partial<Execution>): Execution => {
      count += 1;
      return executionOf({ execId: `e-${count}`, symbol, execMs: MONDAY_MS + count * 1_000, seq: count, price: toDecimalString(`${60_000 + ((count * 7_919) % 997)}.5`), fee: toDecimalString(`0.${count}3`), ...fields });
    };
    const linkId = (leg: 'entry' | 'exit'): string => (own ? orderLinkIdFor(tradeId, leg, 0) : '');
    const amount = (part: number) => toDecimalString(dec(toDecimalString(String(part))).div(1_000));
    const entries = parts.map((part) => next({ side, qty: amount(part), orderLinkId: linkId('entry'), closedSize: toDecimalString('0') }));
    const funded = Array.from({ length: fundings }, () => next({ execType: 'Funding', side, orderLinkId: '', qty: amount(1), closedSize: toDecimalString('0') }));
    const leaving = exit === 'signal' ? { orderLinkId: linkId('exit') } : { orderLinkId: '', stopOrderType: 'StopLoss', createType: 'CreateByStopLoss' };
    const exits = parts.map((part) => next({ side: oppositeSide(side), qty: amount(part), closedSize: amount(part), ...leaving }));
    return { tradeId: own ? tradeId : undefined, life: each, executions: [...entries, ...funded, ...exits] };
  });
}

const EVIDENCE: TradeEvidence = { strategies: [STRATEGY], referencePrice: toDecimalString('60000'), leverage: toDecimalString('2'), stopLoss: toDecimalString('59000'), takeProfit: null, exitPurpose: null };

describe('trades that are rebuilt from their executions', () => {
  it('are the ones that were traded, whatever was lost and fetched again, in any order and however often', () => {
    fc.assert(fc.property(lives, fc.infiniteStream(fc.boolean()), fc.integer(), (all, isLost, seed) => {
      const truth = truthOf(all);
      const executions = truth.flatMap((each) => each.executions);
      const kept = executions.filter(() => isLost.next().value !== true);
      const again = shuffled([...kept, ...executions], seed);
      const { trades, unplaced } = rebuildTrades(again);
      expect(unplaced).toEqual([]);
      expect(trades.map(({ symbol, side, executions: own }) => ({ symbol, side, executions: own }))).toEqual(truth.map(({ life: { symbol, side }, executions: own }) => ({ symbol, side, executions: own })));
      expect(trades.filter(({ origin }) => origin === 'own').map(({ tradeId }) => tradeId)).toEqual(truth.flatMap(({ tradeId }) => tradeId ?? []));
      expect(rebuildTrades(shuffled(again, seed + 1))).toEqual({ trades, unplaced });
    }));
  });

  it('lose no quantity: what a missing execution tears apart is named', () => {
    fc.assert(fc.property(lives, fc.nat(), (all, pick) => {
      const executions = truthOf(all).flatMap((each) => each.executions);
      const torn = executions.filter((_, index) => index !== pick % executions.length);
      const { trades, unplaced } = rebuildTrades(torn);
      const placed = [...trades.flatMap((trade) => trade.executions.map((execution) => ({ execution, taken: takenOf(trade.side, trade.executions, execution) }))), ...unplaced.map((execution) => ({ execution, taken: dec(execution.qty) }))];
      for (const { execId, qty, execType } of torn) {
        if (execType === 'Funding') continue;
        const sum = placed.filter(({ execution }) => execution.execId === execId).reduce((total, { taken }) => total.plus(taken), ZERO);
        expect(sum.gte(dec(qty))).toBe(true);
      }
    }));
  });

  it('have rows that a second look leaves alone, and that equal those which were lost', () => {
    fc.assert(fc.property(lives, (all) => {
      for (const trade of rebuildTrades(truthOf(all).flatMap((each) => each.executions)).trades) {
        const first = rowOfRebuilt(trade, { known: null, evidence: EVIDENCE });
        if (first.kind !== 'write') throw new Error(`${trade.tradeId} was not written`);
        expect(rowOfRebuilt(trade, { known: first.row, evidence: EVIDENCE })).toEqual({ kind: 'unchanged' });
        const wrong = { ...first.row, realisedPnl: toDecimalString('123'), exitPrice: null };
        expect(rowOfRebuilt(trade, { known: wrong, evidence: EVIDENCE })).toEqual({ kind: 'write', row: first.row, assumed: [] });
        const summary = summariseTrade(trade);
        expect(first.row).toMatchObject({ state: 'closed', realisedPnl: summary.realisedPnl, qty: summary.entryQty, strategy: trade.origin === 'own' ? STRATEGY : 'external' });
      }
    }));
  });

  it('share an execution that closes one and opens the next', () => {
    const executions = [
      executionOf({ execId: 'a', side: 'Buy', qty: toDecimalString('1'), execMs: MONDAY_MS, seq: 1, closedSize: toDecimalString('0') }),
      executionOf({ execId: 'b', side: 'Sell', qty: toDecimalString('3'), fee: toDecimalString('0.3'), execMs: MONDAY_MS + 1, seq: 2, closedSize: toDecimalString('1') }),
      executionOf({ execId: 'c', side: 'Buy', qty: toDecimalString('2'), execMs: MONDAY_MS + 2, seq: 3, closedSize: toDecimalString('2') }),
    ];
    const { trades, unplaced } = rebuildTrades(executions);
    expect(unplaced).toEqual([]);
    expect(trades.map(({ side, executions: own }) => [side, own.map(({ execId, qty, fee }) => [execId, qty, fee])])).toEqual([
      ['Buy', [['a', '1', expect.anything()], ['b', '3', '0.3']]],
      ['Sell', [['b', '2', '0.2'], ['c', '2', expect.anything()]]],
    ]);
  });

  it('never contradict what is over in silence', () => {
    const truth = truthOf([{ symbol: 'BTCUSDT', side: 'Buy', own: true, parts: [100], exit: 'stop', fundings: 0 }]);
    const [trade] = rebuildTrades(truth.flatMap((each) => each.executions)).trades;
    if (!trade) throw new Error('nothing was rebuilt');
    const whole = rowOfRebuilt(trade, { known: null, evidence: EVIDENCE });
    if (whole.kind !== 'write') throw new Error('nothing was written');
    const halved = { ...trade, executions: trade.executions.slice(0, 1) };
    expect(rowOfRebuilt(halved, { known: whole.row, evidence: EVIDENCE })).toEqual({ kind: 'left', because: expect.stringContaining('its executions leave 0.1 open') as string });
    expect(rowOfRebuilt(trade, { known: { ...whole.row, state: 'failed' }, evidence: EVIDENCE })).toMatchObject({ kind: 'left' });
    expect(rowOfRebuilt(trade, { known: null, evidence: { ...EVIDENCE, strategies: [], leverage: null, stopLoss: null, referencePrice: null } })).toMatchObject({ kind: 'write', assumed: { length: 4 } });
  });
});

/** How much of a fill a trade takes: of one that goes through zero the part that closed it. */
function takenOf(side: Side, executions: readonly Execution[], wanted: Execution) {
  let open = ZERO;
  for (const execution of executions) {
    if (execution.execType === 'Funding') continue;
    const qty = dec(execution.qty);
    const taken = execution.side === side || qty.lte(open) ? qty : open;
    if (execution === wanted) return taken;
    open = execution.side === side ? open.plus(taken) : open.minus(taken);
  }
  return ZERO;
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const keyed = items.map((item) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { item, key: state };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

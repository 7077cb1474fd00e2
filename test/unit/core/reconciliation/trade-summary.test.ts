import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, dec, roundToWalletPrecision } from '../../../../core/money/decimal.js';
import type { Execution } from '../../../../core/orders/order.js';
import { executionsOfTrade } from '../../../../core/reconciliation/trade-executions.js';
import { summariseTrade } from '../../../../core/reconciliation/trade-summary.js';
import { MONDAY_MS, d, executionOf } from '../samples.js';

const TRADE_ID = 'BTCUSDT-abc-0001';
const ENTRY_ID = `${TRADE_ID}-e0`;

/** Executions one second apart, numbered in order. */
function history(...fields: Partial<Execution>[]): Execution[] {
  return fields.map((each, index) => executionOf({ execId: `e-${index}`, execMs: MONDAY_MS + index * 1000, seq: index, ...each }));
}

const entry = (fields: Partial<Execution> = {}): Partial<Execution> => ({ side: 'Buy', orderLinkId: ENTRY_ID, ...fields });
const stop = (fields: Partial<Execution> = {}): Partial<Execution> => ({ side: 'Sell', stopOrderType: 'StopLoss', createType: 'CreateByStopLoss', ...fields });
const funding = (fee: string): Partial<Execution> => ({ execType: 'Funding', fee: d(fee) });

describe('the summary of a trade', () => {
  it('adds up prices, profit, fees and funding of a long that was stopped', () => {
    const executions = history(
      entry({ price: d('60000'), qty: d('0.2'), fee: d('6.6') }),
      entry({ price: d('60010'), qty: d('0.3'), fee: d('9.90165') }),
      funding('1.5'),
      stop({ price: d('58800'), qty: d('0.5'), fee: d('16.17') }),
    );
    expect(summariseTrade({ side: 'Buy', executions })).toEqual({
      openQty: '0', entryQty: '0.5', entryPrice: '60006', exitPrice: '58800', openedMs: MONDAY_MS, closedMs: MONDAY_MS + 3000,
      exitReason: 'stop_loss', grossPnl: '-603', fees: '32.67165', funding: '1.5', realisedPnl: '-637.17165',
    });
  });

  it('counts a short that gained, and funding that was received, in the right direction', () => {
    const executions = history(
      entry({ side: 'Sell', price: d('100'), qty: d('2'), fee: d('0.11') }),
      funding('-0.4'),
      { side: 'Buy', price: d('90'), qty: d('2'), fee: d('0.099'), orderLinkId: `${TRADE_ID}-x0` },
    );
    expect(summariseTrade({ side: 'Sell', executions })).toMatchObject({ grossPnl: '20', funding: '-0.4', realisedPnl: '20.191', exitReason: 'signal' });
  });

  it('says what is still open, without an end or a reason', () => {
    const executions = history(entry({ qty: d('0.5') }), stop({ qty: d('0.2') }));
    expect(summariseTrade({ side: 'Buy', executions })).toMatchObject({ openQty: '0.3', closedMs: null, exitReason: null });
  });

  it('of no executions is an empty one', () => {
    expect(summariseTrade({ side: 'Buy', executions: [] })).toMatchObject({ openQty: '0', entryPrice: null, exitPrice: null, openedMs: null, realisedPnl: '0' });
  });

  it.each<[string, Partial<Execution>]>([
    ['stop_loss', { stopOrderType: 'StopLoss' }],
    ['stop_loss', { createType: 'CreateByStopLoss' }],
    ['take_profit', { stopOrderType: 'TakeProfit' }],
    ['liquidation', { execType: 'BustTrade' }],
    ['liquidation', { createType: 'CreateByLiq' }],
    ['external', { execType: 'AdlTrade' }],
    ['external', { orderLinkId: 'somebody-else' }],
    ['signal', { orderLinkId: `${TRADE_ID}-x3` }],
    ['unprotected', { orderLinkId: `${TRADE_ID}-p0` }],
  ])('calls the reason %s when the last exit fill says %o', (reason, fields) => {
    const executions = history(entry(), { side: 'Sell', ...fields });
    expect(summariseTrade({ side: 'Buy', executions }).exitReason).toBe(reason);
  });

  it('takes only its own part of a fill that went through zero, with that part\'s share of the fee', () => {
    const executions = history(entry({ price: d('100'), qty: d('1') }), { side: 'Sell', price: d('110'), qty: d('4'), fee: d('0.4') });
    expect(summariseTrade({ side: 'Buy', executions })).toMatchObject({ openQty: '0', grossPnl: '10', fees: '0.1', exitReason: 'external' });
  });

  it('does not depend on order or repetition of the executions, and profit is what the wallet changed', () => {
    const fill = fc.record({ ticks: fc.integer({ min: 1, max: 1_000_000 }), steps: fc.integer({ min: 1, max: 5_000 }) });
    const side = fc.constantFrom('Buy' as const, 'Sell' as const);
    const property = fc.property(side, fc.array(fill, { minLength: 1, maxLength: 6 }), fc.array(fill, { maxLength: 6 }), fc.infiniteStream(fc.nat()), (entrySide, ins, outs, dice) => {
      const executions = tradeOf(entrySide, ins, outs);
      const straight = summariseTrade({ side: entrySide, executions });
      const shuffled = [...executions, ...executions.slice(0, 3)].map((execution) => ({ execution, key: dice.next().value ?? 0 })).sort((a, b) => a.key - b.key);
      expect(summariseTrade({ side: entrySide, executions: shuffled.map(({ execution }) => execution) })).toEqual(straight);
      expect(straight.realisedPnl).toBe(dec(straight.grossPnl).minus(straight.fees).minus(straight.funding).toFixed());
      const signed = executions.reduce((sum, { side: of, qty }) => sum.plus(of === entrySide ? qty : dec(qty).negated()), new Decimal(0));
      expect(straight.openQty).toBe(signed.toFixed());
      if (signed.isZero()) {
        const cash = executions.reduce((sum, { side: of, price, qty }) => sum.plus(dec(price).times(qty).times(of === 'Buy' ? -1 : 1)), new Decimal(0));
        // Each reduction is booked with 8 decimals; there are at most 7 of them here.
        expect(cash.minus(straight.grossPnl).abs().lte('0.00000007')).toBe(true);
      }
    });
    fc.assert(property, { seed: 77, numRuns: 300 });
  });
});

/** Entries, then reductions that never exceed them, the last one closing the rest. */
function tradeOf(entrySide: 'Buy' | 'Sell', ins: Fill[], outs: Fill[]): Execution[] {
  const bought = ins.reduce((sum, { steps }) => sum + steps, 0);
  let left = bought;
  const reductions = outs.map(({ ticks, steps }) => {
    const taken = Math.min(left, steps);
    left -= taken;
    return { ticks, steps: taken };
  }).filter(({ steps }) => steps > 0);
  if (outs.length % 2 === 0 && left > 0) reductions.push({ ticks: 5, steps: left });
  const toFields = (side: 'Buy' | 'Sell') => ({ ticks, steps }: Fill): Partial<Execution> => {
    const price = new Decimal(ticks).div(10);
    const qty = new Decimal(steps).div(1000);
    return { side, price: d(price.toFixed()), qty: d(qty.toFixed()), fee: d(roundToWalletPrecision(price.times(qty).times('0.00055')).toFixed()) };
  };
  return history(...ins.map(toFields(entrySide)), ...reductions.map(toFields(entrySide === 'Buy' ? 'Sell' : 'Buy')));
}
interface Fill { ticks: number; steps: number }

describe('the executions of a trade', () => {
  const ids = (executions: readonly Execution[]): string[] => executions.map(({ execId }) => execId);

  it('are its fills, the stop the exchange made, and the fundings in between', () => {
    const executions = history(funding('1'), stop({ qty: d('0.5') }), entry({ qty: d('0.5') }), funding('2'), stop({ qty: d('0.5') }), funding('3'));
    expect(ids(executionsOfTrade(executions, ENTRY_ID))).toEqual(['e-2', 'e-3', 'e-4']);
  });

  it('are none without a fill of the entry order', () => {
    expect(executionsOfTrade(history(stop(), funding('1')), ENTRY_ID)).toEqual([]);
  });

  it('leave out the next trade on the symbol, other symbols, and what somebody else added', () => {
    const executions = history(
      entry({ qty: d('0.5') }), { side: 'Buy', orderLinkId: 'manual', qty: d('1') }, { side: 'Sell', symbol: 'ETHUSDT' },
      stop({ qty: d('0.5') }), entry({ orderLinkId: 'BTCUSDT-abd-0001-e0' }), stop(),
    );
    expect(ids(executionsOfTrade(executions, ENTRY_ID))).toEqual(['e-0', 'e-3']);
  });

  it('are the same in whatever order and however often they are given', () => {
    const executions = history(entry({ qty: d('0.3') }), entry({ qty: d('0.2') }), funding('2'), stop({ qty: d('0.5') }), funding('3'));
    const shuffled = fc.shuffledSubarray([...executions, ...executions], { minLength: executions.length * 2 });
    fc.assert(fc.property(shuffled, (given) => {
      expect(ids(executionsOfTrade(given, ENTRY_ID))).toEqual(['e-0', 'e-1', 'e-2', 'e-3']);
    }), { seed: 5 });
  });

  it('put the entry before its stop when both filled in the same millisecond', () => {
    const executions = history(stop({ execMs: MONDAY_MS, seq: 9, qty: d('0.5') }), entry({ execMs: MONDAY_MS, seq: 9, qty: d('0.5') }));
    expect(ids(executionsOfTrade(executions, ENTRY_ID))).toEqual(['e-1', 'e-0']);
  });
});

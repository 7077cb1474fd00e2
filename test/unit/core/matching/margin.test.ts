import { describe, expect, it } from 'vitest';
import { dec, toDecimalString } from '../../../../core/money/decimal.js';
import { closedPnl, executions, findOrder, openOrders, orderHistory, positionOf, transactions, wallet } from '../../../../core/matching/queries.js';
import { Desk, fillsOf } from './desk.js';

const BTC = 'BTCUSDT';

function longDesk(qty: string): Desk {
  const desk = new Desk();
  desk.price(BTC, '50000', { jump: true });
  desk.order({ side: 'Buy', qty });
  return desk;
}

describe('cross margin', () => {
  it('values position and account at the mark price', () => {
    const desk = longDesk('0.2');
    desk.price(BTC, '50500', { mark: '51000' });
    expect(positionOf(desk.state, BTC)).toMatchObject({
      positionValue: '10200', unrealisedPnl: '200', positionIM: '1025.049', positionMM: '56.049', bustPrice: '45000', riskId: 1,
    });
    expect(wallet(desk.state, 0)).toMatchObject({
      walletBalance: '9994.5', equity: '10194.5', unrealisedPnl: '200', totalPositionIM: '1025.049', available: '9169.451',
    });
  });

  it('reserves nothing for an order that only reduces the position', () => {
    const desk = longDesk('0.2');
    desk.order({ side: 'Sell', qty: '0.2', price: '51000' });
    expect(wallet(desk.state, 0).totalOrderIM).toBe('0');
    desk.order({ side: 'Sell', qty: '0.1', price: '51000' });
    expect(wallet(desk.state, 0).totalOrderIM).toBe('515.8905');
  });

  it('needs less at a higher leverage and refuses one that the account cannot carry', () => {
    const desk = longDesk('1');
    desk.send({ kind: 'setLeverage', symbol: BTC, buyLeverage: '50', sellLeverage: '50' });
    expect(dec(positionOf(desk.state, BTC).positionIM).lt(1030)).toBe(true);
    expect(desk.send({ kind: 'setLeverage', symbol: BTC, buyLeverage: '2', sellLeverage: '2' }).reply.retCode).toBe(110044);
    expect(positionOf(desk.state, BTC).leverage).toBe('50');
  });

  it('refuses a leverage above what the tier of the position allows', () => {
    const desk = new Desk({ startingBalance: toDecimalString('1000000') });
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '50' });
    expect(desk.send({ kind: 'setLeverage', symbol: BTC, buyLeverage: '95', sellLeverage: '95' }).reply.retCode).toBe(110013);
  });
});

describe('liquidation', () => {
  it('happens at the price that the position shows as its liquidation price, not a tick before', () => {
    const desk = longDesk('1.5');
    const liqPrice = dec(toDecimalString(positionOf(desk.state, BTC).liqPrice));
    desk.price(BTC, liqPrice.plus('0.1').toFixed(), { jump: true });
    expect(positionOf(desk.state, BTC).side).toBe('Buy');
    desk.price(BTC, liqPrice.minus('0.1').toFixed(), { jump: true });
    expect(positionOf(desk.state, BTC)).toMatchObject({ side: 'None', positionStatus: 'Liq' });
  });

  it('cancels the active orders, takes the position over as BustTrade, clears its protection and leaves no debt', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Sell', qty: '1.5', takeProfit: '40000' });
    desk.order({ side: 'Buy', qty: '0.1', price: '45000', orderLinkId: 'rest' });
    const fills = fillsOf(desk.price(BTC, '60000', { jump: true }));
    expect(fills).toMatchObject([{ execType: 'BustTrade', createType: 'CreateByTakeOver_PassThrough', closedSize: '1.5' }]);
    expect(findOrder(desk.state, { orderLinkId: 'rest' })).toMatchObject({ status: 'Cancelled', cancelType: 'CancelAllBeforeLiq' });
    expect(orderHistory(desk.state).find((order) => order.stopOrderType === 'TakeProfit')?.cancelType).toBe('CancelByTpSlTsClear');
    expect(openOrders(desk.state)).toEqual([]);
    const left = dec(wallet(desk.state, 0).walletBalance);
    expect(left.gte(0) && left.lt(1)).toBe(true);
    expect(transactions(desk.state).at(-1)).toMatchObject({ type: 'LIQUIDATION', cashBalance: wallet(desk.state, 0).walletBalance });
  });

  it('does not come before a stop-loss that lies nearer on the way', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '1.5', stopLoss: '48000' });
    expect(fillsOf(desk.price(BTC, '30000'))).toMatchObject([{ execType: 'Trade', stopOrderType: 'StopLoss', price: '48000' }]);
  });
});

describe('funding', () => {
  it('is paid by a long at a positive rate, from mark value, as an execution and a settlement', () => {
    const desk = longDesk('0.2');
    desk.price(BTC, '50500', { mark: '51000' });
    const applied = desk.send({ kind: 'fundingTick', symbol: BTC, rate: '0.0001' });
    expect(fillsOf(applied)).toMatchObject([{ execType: 'Funding', fee: '1.02', feeRate: '0.0001', price: '51000', qty: '0.2', orderType: 'UNKNOWN' }]);
    expect(transactions(desk.state).at(-1)).toMatchObject({ type: 'SETTLEMENT', funding: '-1.02', fee: '0', change: '-1.02', cashBalance: '9993.48' });
    expect(positionOf(desk.state, BTC)).toMatchObject({ curRealisedPnl: '-6.52' });
  });

  it('takes nothing from who holds nothing, and never twice for one instant', () => {
    const desk = longDesk('0.2');
    expect(fillsOf(desk.send({ kind: 'fundingTick', symbol: 'ETHUSDT', rate: '0.0001' }))).toEqual([]);
    desk.send({ kind: 'fundingTick', symbol: BTC, rate: '0.0001' });
    desk.nowMs -= 1000;
    expect(fillsOf(desk.send({ kind: 'fundingTick', symbol: BTC, rate: '0.0001' }))).toEqual([]);
    expect(executions(desk.state).filter((execution) => execution.execType === 'Funding')).toHaveLength(1);
  });
});

describe('closed profit', () => {
  it('is one row per closing order: prices less the opening share and the closing fee, without funding', () => {
    const desk = longDesk('0.2');
    desk.send({ kind: 'fundingTick', symbol: BTC, rate: '0.001' });
    desk.price(BTC, '51000');
    desk.order({ side: 'Sell', qty: '0.1', partialFills: { seed: 1, maxParts: 3 } });
    expect(closedPnl(desk.state)).toMatchObject([{
      side: 'Sell', closedSize: '0.1', avgEntryPrice: '50000', avgExitPrice: '51000', openFee: '2.75', closeFee: '2.805', closedPnl: '94.445', leverage: '10',
    }]);
    expect(closedPnl(desk.state)[0]?.fillCount).toBeGreaterThan(1);
  });
});

describe('a deposit', () => {
  it('stands in the transaction log with the balance after it', () => {
    const desk = new Desk();
    desk.send({ kind: 'deposit', amount: '500.5' });
    desk.send({ kind: 'deposit', amount: '-100' });
    expect(transactions(desk.state)).toMatchObject([
      { type: 'TRANSFER_IN', change: '500.5', cashBalance: '10500.5' }, { type: 'TRANSFER_OUT', change: '-100', cashBalance: '10400.5' },
    ]);
  });
});

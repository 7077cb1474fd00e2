import { describe, expect, it } from 'vitest';
import { toDecimalString } from '../../../../core/money/decimal.js';
import { findOrder, openOrders, orderHistory, positionOf, unprotectedSpans } from '../../../../core/matching/queries.js';
import { Desk, START_MS, fillsOf, orderUpdatesOf, statusesOf } from './desk.js';

const BTC = 'BTCUSDT';

function protectedLong(desk: Desk = new Desk()): Desk {
  desk.price(BTC, '50000', { jump: true });
  desk.order({ side: 'Buy', qty: '0.2', orderLinkId: 'e0', stopLoss: '49000', takeProfit: '52000' });
  return desk;
}

describe('attached protection', () => {
  it('appears with the fill as two waiting orders of the exchange, linked to the entry, over the whole position', () => {
    const desk = protectedLong();
    expect(openOrders(desk.state)).toMatchObject([
      { stopOrderType: 'StopLoss', createType: 'CreateByStopLoss', parentOrderLinkId: 'e0', orderLinkId: '', side: 'Sell', qty: '0.2', triggerPrice: '49000', triggerDirection: 2, status: 'Untriggered', reduceOnly: true },
      { stopOrderType: 'TakeProfit', createType: 'CreateByTakeProfit', parentOrderLinkId: 'e0', orderLinkId: '', side: 'Sell', qty: '0.2', triggerPrice: '52000', triggerDirection: 1 },
    ]);
    expect(positionOf(desk.state, BTC)).toMatchObject({ stopLoss: '49000', takeProfit: '52000' });
  });

  it('stops a long at its trigger when the market moves through it, and takes the take-profit off', () => {
    const desk = protectedLong();
    const moved = desk.price(BTC, '48000');
    expect(fillsOf(moved)).toMatchObject([{ price: '49000', qty: '0.2', stopOrderType: 'StopLoss', execPnl: '-200' }]);
    expect(statusesOf(moved, 'StopLoss')).toEqual(['Triggered', 'New', 'Filled']);
    expect(orderUpdatesOf(moved).find((order) => order.stopOrderType === 'TakeProfit'))
      .toMatchObject({ status: 'Deactivated', cancelType: 'CancelByOCOTpCanceledBySlTriggered' });
    expect(positionOf(desk.state, BTC)).toMatchObject({ side: 'None', stopLoss: '0', takeProfit: '0' });
  });

  it('fills beyond the trigger when the market gaps over it', () => {
    expect(fillsOf(protectedLong().price(BTC, '45000', { jump: true }))).toMatchObject([{ price: '45000', stopOrderType: 'StopLoss' }]);
  });

  it('is filled whole even where the book is thin and the band far away', () => {
    const desk = protectedLong(new Desk({ slippage: { halfSpreadTicks: 1, impactRate: toDecimalString('0.5') } }));
    desk.price(BTC, '48000', { volume: '1' });
    expect(positionOf(desk.state, BTC).side).toBe('None');
  });

  it('takes profit at its trigger and takes the stop off', () => {
    const moved = protectedLong().price(BTC, '53000');
    expect(fillsOf(moved)).toMatchObject([{ price: '52000', stopOrderType: 'TakeProfit', execPnl: '400' }]);
    expect(orderUpdatesOf(moved).find((order) => order.stopOrderType === 'StopLoss')?.cancelType).toBe('CancelByOCOSlCanceledByTpTriggered');
  });

  it('protects a short mirrored', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Sell', qty: '0.1', stopLoss: '51000', takeProfit: '48000' });
    expect(fillsOf(desk.price(BTC, '51500'))).toMatchObject([{ side: 'Buy', price: '51000', stopOrderType: 'StopLoss' }]);
  });

  it('follows the size of the position up and down', () => {
    const desk = protectedLong();
    desk.order({ side: 'Buy', qty: '0.1' });
    expect(openOrders(desk.state).map((order) => order.qty)).toEqual(['0.3', '0.3']);
    desk.order({ side: 'Sell', qty: '0.25', reduceOnly: true });
    expect(openOrders(desk.state).map((order) => order.qty)).toEqual(['0.05', '0.05']);
  });

  it('is cleared when the position is closed by hand', () => {
    const desk = protectedLong();
    desk.order({ side: 'Sell', qty: '0.2', reduceOnly: true });
    expect(openOrders(desk.state)).toEqual([]);
    expect(orderHistory(desk.state).filter((order) => order.stopOrderType !== '').map((order) => [order.status, order.cancelType]))
      .toEqual([['Deactivated', 'CancelByTpSlTsClear'], ['Deactivated', 'CancelByTpSlTsClear']]);
  });

  it('of the old side goes and of the new side comes when the position turns', () => {
    const desk = protectedLong();
    desk.order({ side: 'Sell', qty: '0.3', orderLinkId: 'turn', stopLoss: '50500' });
    expect(openOrders(desk.state)).toMatchObject([{ stopOrderType: 'StopLoss', side: 'Buy', qty: '0.1', parentOrderLinkId: 'turn' }]);
  });

  it('stays where the trader moved it when the entry goes on filling', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.1', price: '49900', stopLoss: '49000', partialFills: { seed: 3, maxParts: 2 }, orderLinkId: 'slow' });
    desk.price(BTC, '49900');
    desk.send({ kind: 'setTradingStop', symbol: BTC, stopLoss: '49300' });
    desk.price(BTC, '49890');
    expect(findOrder(desk.state, { orderLinkId: 'slow' })).toMatchObject({ status: 'Filled', fillCount: 2 });
    expect(openOrders(desk.state)).toMatchObject([{ triggerPrice: '49300', qty: '0.1' }]);
  });
});

describe('the trading stop of a position', () => {
  it('sets, moves and removes; the same again is 34040', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.1' });
    const set = (stopLoss: string) => desk.send({ kind: 'setTradingStop', symbol: BTC, stopLoss }).reply.retCode;
    expect(set('49000')).toBe(0);
    expect(positionOf(desk.state, BTC).stopLoss).toBe('49000');
    expect(set('49000')).toBe(34040);
    expect(set('49500')).toBe(0);
    expect(openOrders(desk.state)).toMatchObject([{ triggerPrice: '49500' }]);
    expect(set('0')).toBe(0);
    expect(set('0')).toBe(34040);
    expect(positionOf(desk.state, BTC).stopLoss).toBe('0');
  });

  it('needs a position and the right side of the market', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    expect(desk.send({ kind: 'setTradingStop', symbol: BTC, stopLoss: '49000' }).reply)
      .toEqual({ retCode: 10001, retMsg: 'can not set tp/sl/ts for zero position' });
    desk.order({ side: 'Buy', qty: '0.1' });
    expect(desk.send({ kind: 'setTradingStop', symbol: BTC, stopLoss: '50001' }).reply)
      .toEqual({ retCode: 10001, retMsg: 'sl:500010000 set for Buy position should lower base_price:500000000??LastPrice' });
    expect(desk.send({ kind: 'setTradingStop', symbol: BTC, takeProfit: '49999' }).reply)
      .toEqual({ retCode: 10001, retMsg: 'TakeProfit:499990000 set for Buy position should be higher than base_price:500000000??LastPrice' });
  });

  it('adds partial orders of their own size, which act alone', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.2' });
    desk.send({ kind: 'setTradingStop', symbol: BTC, tpslMode: 'Partial', stopLoss: '49000', slSize: '0.05' });
    expect(fillsOf(desk.price(BTC, '48900'))).toMatchObject([{ qty: '0.05', stopOrderType: 'PartialStopLoss', createType: 'CreateByPartialStopLoss' }]);
    expect(positionOf(desk.state, BTC).size).toBe('0.15');
  });
});

describe('the protection watch', () => {
  it('sees no gap in a position that came with its stop and left by it', () => {
    const desk = protectedLong();
    desk.price(BTC, '48000');
    expect(unprotectedSpans(desk.state)).toEqual([]);
  });

  it('records how long a naked position lived', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.1' });
    desk.price(BTC, '50010');
    desk.send({ kind: 'setTradingStop', symbol: BTC, stopLoss: '49000' });
    expect(unprotectedSpans(desk.state)).toEqual([{ symbol: BTC, startMs: START_MS + 2000, endMs: START_MS + 4000, size: '0.1', coveredQty: '0' }]);
  });

  it('opens a span when the stop is cancelled and leaves it open while nothing is done', () => {
    const desk = protectedLong();
    desk.send({ kind: 'cancelAll', symbol: BTC });
    desk.price(BTC, '50100');
    expect(unprotectedSpans(desk.state)).toMatchObject([{ startMs: START_MS + 3000, endMs: null }]);
  });

  it('is not content with a stop over a part of the position', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.2' });
    desk.send({ kind: 'setTradingStop', symbol: BTC, tpslMode: 'Partial', stopLoss: '49000', slSize: '0.1' });
    expect(unprotectedSpans(desk.state)).toMatchObject([{ endMs: null }]);
    desk.send({ kind: 'setTradingStop', symbol: BTC, tpslMode: 'Partial', stopLoss: '48900', slSize: '0.1' });
    expect(unprotectedSpans(desk.state)).toMatchObject([{ endMs: START_MS + 4000 }]);
  });
});

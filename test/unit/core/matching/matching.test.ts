import { describe, expect, it } from 'vitest';
import { toDecimalString } from '../../../../core/money/decimal.js';
import { findOrder, openOrders, positionOf, wallet } from '../../../../core/matching/queries.js';
import { Desk, fillsOf, orderUpdatesOf } from './desk.js';

const BTC = 'BTCUSDT';
const SLIPPERY = { slippage: { halfSpreadTicks: 1, impactRate: toDecimalString('0.1') } };

function deskAt(price: string, options?: ConstructorParameters<typeof Desk>[0]): Desk {
  const desk = new Desk(options);
  desk.price(BTC, price, { jump: true });
  return desk;
}

describe('a market order', () => {
  it('fills at the last price on a frictionless market, pays the taker fee, and shows its protective limit as price', () => {
    const desk = deskAt('50000');
    const placed = desk.order({ side: 'Buy', qty: '0.1', orderLinkId: 'a-e0' });
    const [fill] = fillsOf(placed);
    expect(fill).toMatchObject({ price: '50000', qty: '0.1', value: '5000', fee: '2.75', feeRate: '0.00055', isMaker: false, orderPrice: '50500' });
    expect(orderUpdatesOf(placed).map((order) => order.status)).toEqual(['New', 'Filled']);
    expect(wallet(desk.state, 0).walletBalance).toBe('9997.25');
  });

  it('pays half the spread and an impact that grows with its share of the traded volume', () => {
    const desk = new Desk(SLIPPERY);
    desk.price(BTC, '50000', { jump: true, volume: '100' });
    expect(fillsOf(desk.order({ side: 'Buy', qty: '0.001' }))[0]?.price).toBe('50000.2');
    expect(fillsOf(desk.order({ side: 'Buy', qty: '0.1' }))[0]?.price).toBe('50005.1');
    expect(fillsOf(desk.order({ side: 'Sell', qty: '0.1' }))[0]?.price).toBe('49994.9');
  });

  it('takes only what lies inside the price band and cancels the rest', () => {
    const desk = new Desk(SLIPPERY);
    desk.price(BTC, '50000', { jump: true, volume: '1' });
    const placed = desk.order({ side: 'Sell', qty: '0.15', orderLinkId: 'big' });
    expect(fillsOf(placed)).toMatchObject([{ price: '49504.9', qty: '0.099' }]);
    expect(findOrder(desk.state, { orderLinkId: 'big' })).toMatchObject({ status: 'Cancelled', cumExecQty: '0.099', leavesQty: '0', rejectReason: 'EC_CancelForNoFullFill' });
  });

  it('respects a slippage tolerance in ticks', () => {
    const desk = new Desk(SLIPPERY);
    desk.price(BTC, '50000', { jump: true, volume: '1' });
    const placed = desk.order({ side: 'Buy', qty: '0.1', slippageToleranceType: 'TickSize', slippageTolerance: '100' });
    expect(fillsOf(placed)).toMatchObject([{ price: '50010.1', qty: '0.002' }]);
  });

  it('turns a long into a short in one fill: closes, then opens', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1' });
    desk.price(BTC, '51000');
    expect(fillsOf(desk.order({ side: 'Sell', qty: '0.3' }))).toMatchObject([{ closedSize: '0.1', execPnl: '100', qty: '0.3' }]);
    expect(positionOf(desk.state, BTC)).toMatchObject({ side: 'Sell', size: '0.2', avgPrice: '51000' });
  });
});

describe('a limit order', () => {
  it('rests below the market and fills as maker at its own price when the price touches it', () => {
    const desk = deskAt('50000');
    expect(fillsOf(desk.order({ side: 'Buy', qty: '0.1', price: '49900' }))).toEqual([]);
    expect(fillsOf(desk.price(BTC, '49900.1'))).toEqual([]);
    expect(fillsOf(desk.price(BTC, '49800'))).toMatchObject([{ price: '49900', isMaker: true, fee: '0.998', feeRate: '0.0002' }]);
  });

  it('fills at its own price also when the market jumps over it', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Sell', qty: '0.1', price: '50200' });
    expect(fillsOf(desk.price(BTC, '51000', { jump: true }))).toMatchObject([{ price: '50200', isMaker: true }]);
  });

  it('that crosses takes what its price allows and rests with the remainder', () => {
    const desk = new Desk(SLIPPERY);
    desk.price(BTC, '50000', { jump: true, volume: '1' });
    const placed = desk.order({ side: 'Buy', qty: '0.1', price: '50100.1', orderLinkId: 'cross' });
    expect(fillsOf(placed)).toMatchObject([{ price: '50100.1', qty: '0.02', isMaker: false }]);
    expect(findOrder(desk.state, { orderLinkId: 'cross' })).toMatchObject({ status: 'PartiallyFilled', leavesQty: '0.08' });
  });

  it.each([
    { tif: 'PostOnly' as const, price: '50100', status: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity', filled: '0' },
    { tif: 'PostOnly' as const, price: '49900', status: 'New', rejectReason: 'EC_NoError', filled: '0' },
    { tif: 'IOC' as const, price: '49900', status: 'Cancelled', rejectReason: 'EC_NoImmediateQtyToFill', filled: '0' },
    { tif: 'IOC' as const, price: '50050.1', status: 'Cancelled', rejectReason: 'EC_CancelForNoFullFill', filled: '0.01' },
    { tif: 'FOK' as const, price: '50050.1', status: 'Cancelled', rejectReason: 'EC_NoEnoughQtyToFill', filled: '0' },
    { tif: 'FOK' as const, price: '50500', status: 'Filled', rejectReason: 'EC_NoError', filled: '0.02' },
  ])('$tif at $price over an ask of 50000.1 ends $status with $filled filled', ({ tif, price, status, rejectReason, filled }) => {
    const desk = new Desk(SLIPPERY);
    desk.price(BTC, '50000', { jump: true, volume: '1' });
    desk.order({ side: 'Buy', qty: '0.02', price, timeInForce: tif, orderLinkId: 'x' });
    expect(findOrder(desk.state, { orderLinkId: 'x' })).toMatchObject({ status, rejectReason, cumExecQty: filled });
  });

  it('outside the band is clamped to it, or refused when clamping is off', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Sell', qty: '0.1', price: '40000', timeInForce: 'PostOnly', orderLinkId: 'low' });
    expect(findOrder(desk.state, { orderLinkId: 'low' })?.price).toBe('49500');
    desk.send({ kind: 'setLimitPriceAction', modifyEnable: false });
    expect(desk.order({ side: 'Buy', qty: '0.1', price: '60000' }).reply.retCode).toBe(110003);
  });

  it('reserves margin while it rests and gives it back when cancelled', () => {
    const desk = deskAt('50000');
    const before = wallet(desk.state, 0).available;
    desk.order({ side: 'Buy', qty: '0.1', price: '49000', orderLinkId: 'rest' });
    expect(wallet(desk.state, 0)).toMatchObject({ totalOrderIM: '495.1205', available: '9504.8795' });
    desk.send({ kind: 'cancelOrder', symbol: BTC, orderLinkId: 'rest' });
    expect(wallet(desk.state, 0).available).toBe(before);
  });
});

describe('a reduce-only order', () => {
  it('is clipped to the position', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1' });
    expect(fillsOf(desk.order({ side: 'Sell', qty: '5', reduceOnly: true }))).toMatchObject([{ qty: '0.1', closedSize: '0.1' }]);
    expect(positionOf(desk.state, BTC).side).toBe('None');
  });

  it('closes everything with quantity 0 and closeOnTrigger', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Sell', qty: '0.123' });
    desk.order({ side: 'Buy', qty: '0', reduceOnly: true, closeOnTrigger: true });
    expect(positionOf(desk.state, BTC)).toMatchObject({ side: 'None', size: '0' });
  });

  it('that rests shrinks with the position and is cancelled without it', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.3' });
    desk.order({ side: 'Sell', qty: '0.3', price: '51000', reduceOnly: true, orderLinkId: 'out' });
    desk.order({ side: 'Sell', qty: '0.1' });
    expect(findOrder(desk.state, { orderLinkId: 'out' })).toMatchObject({ qty: '0.2', status: 'New' });
    desk.order({ side: 'Sell', qty: '0.2' });
    expect(findOrder(desk.state, { orderLinkId: 'out' })).toMatchObject({ status: 'Cancelled', cancelType: 'CancelByReduceOnly' });
  });
});

describe('a conditional order', () => {
  it('waits Untriggered, fires when its series reaches the trigger, and then trades at the market', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', triggerPrice: '50500', triggerDirection: 1, orderLinkId: 'up' });
    expect(findOrder(desk.state, { orderLinkId: 'up' })).toMatchObject({ status: 'Untriggered', stopOrderType: 'Stop' });
    const moved = desk.price(BTC, '50600');
    expect(orderUpdatesOf(moved).map((order) => order.status)).toEqual(['Triggered', 'New', 'Filled']);
    expect(fillsOf(moved)[0]?.price).toBe('50500');
  });

  it('watches the mark price when told so', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Sell', qty: '0.1', triggerPrice: '49500', triggerDirection: 2, triggerBy: 'MarkPrice' });
    expect(fillsOf(desk.price(BTC, '49200', { mark: '49600' }))).toEqual([]);
    expect(fillsOf(desk.price(BTC, '49200', { mark: '49400' }))).toMatchObject([{ price: '49200' }]);
  });

  it('is cancelled at its trigger when the margin does not suffice', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '3', triggerPrice: '50500', triggerDirection: 1, orderLinkId: 'dear' });
    desk.price(BTC, '50600');
    expect(findOrder(desk.state, { orderLinkId: 'dear' })).toMatchObject({ status: 'Cancelled', cancelType: 'CancelByCannotAffordOrderCost' });
  });

  it('ends Deactivated when it is cancelled before its trigger', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', triggerPrice: '50500', triggerDirection: 1, orderLinkId: 'up' });
    desk.send({ kind: 'cancelOrder', symbol: BTC, orderLinkId: 'up' });
    expect(findOrder(desk.state, { orderLinkId: 'up' })).toMatchObject({ status: 'Deactivated', cancelType: 'CancelByUser' });
  });
});

describe('a continuous move', () => {
  it('meets the orders on its way in the order of the path, whenever they were placed', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', price: '49000', orderLinkId: 'far' });
    desk.order({ side: 'Buy', qty: '0.1', price: '49500', orderLinkId: 'near' });
    const fills = fillsOf(desk.price(BTC, '48000'));
    expect(fills.map((fill) => fill.orderLinkId)).toEqual(['near', 'far']);
  });

  it('lets an entry and its stop both happen inside one move', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', price: '49500', stopLoss: '49000' });
    expect(fillsOf(desk.price(BTC, '48000')).map((fill) => [fill.side, fill.price])).toEqual([['Buy', '49500'], ['Sell', '49000']]);
  });
});

describe('partial fills', () => {
  const plan = { seed: 7, maxParts: 4 };

  it('split a market order into several executions that add up, with ids of their own', () => {
    const desk = deskAt('50000');
    const fills = fillsOf(desk.order({ side: 'Buy', qty: '0.1', partialFills: plan }));
    expect(fills.length).toBeGreaterThan(1);
    expect(fills.reduce((sum, fill) => sum + Number(fill.qty) * 1000, 0)).toBeCloseTo(100, 9);
    expect(new Set(fills.map((fill) => fill.execId)).size).toBe(fills.length);
    expect(fills.at(-1)?.leavesQty).toBe('0');
  });

  it('give a resting order one part per price step', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', price: '49900', partialFills: plan, orderLinkId: 'slow' });
    const counts = [desk.price(BTC, '49900'), desk.price(BTC, '49890')].map((step) => fillsOf(step).length);
    expect(counts).toEqual([1, 1]);
  });

  it('may leave an immediate order cancelled with a part of its quantity', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', partialFills: { ...plan, cancelRemainder: true }, orderLinkId: 'cut', stopLoss: '49000' });
    const order = findOrder(desk.state, { orderLinkId: 'cut' });
    expect(order?.status).toBe('Cancelled');
    expect(openOrders(desk.state)).toMatchObject([{ stopOrderType: 'StopLoss', qty: order?.cumExecQty }]);
  });
});

describe('amending', () => {
  it('moves price and quantity, and trades at once when the new price crosses', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', price: '49000', orderLinkId: 'a' });
    desk.send({ kind: 'amendOrder', symbol: BTC, orderLinkId: 'a', qty: '0.2', price: '49500' });
    expect(findOrder(desk.state, { orderLinkId: 'a' })).toMatchObject({ qty: '0.2', price: '49500', leavesValue: '9900' });
    expect(fillsOf(desk.send({ kind: 'amendOrder', symbol: BTC, orderLinkId: 'a', price: '50100' }))).toMatchObject([{ price: '50000', isMaker: false }]);
  });
});

describe('cancelling all', () => {
  it('takes the scope and the filter it is given', () => {
    const desk = deskAt('50000');
    desk.order({ side: 'Buy', qty: '0.1', stopLoss: '49000' });
    desk.order({ side: 'Buy', qty: '0.1', price: '49500' });
    desk.order({ side: 'Buy', qty: '0.1', triggerPrice: '50500', triggerDirection: 1 });
    expect(desk.send({ kind: 'cancelAll', symbol: 'ETHUSDT' }).reply).toMatchObject({ result: { list: [] } });
    expect(desk.send({ kind: 'cancelAll', settleCoin: 'USDT', stopOrderType: 'Stop' }).reply).toMatchObject({ result: { list: [{}] } });
    expect(desk.send({ kind: 'cancelAll', symbol: BTC, orderFilter: 'Order' }).reply).toMatchObject({ result: { list: [{}], success: '1' } });
    expect(openOrders(desk.state)).toMatchObject([{ stopOrderType: 'StopLoss' }]);
    desk.send({ kind: 'cancelAll', baseCoin: 'BTC' });
    expect(openOrders(desk.state)).toEqual([]);
  });
});

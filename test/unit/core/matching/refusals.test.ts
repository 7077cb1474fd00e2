import { describe, expect, it } from 'vitest';
import type { ExchangeCommand } from '../../../../core/matching/contract.js';
import { snapshotState } from '../../../../core/matching/exchange-state.js';
import { Desk } from './desk.js';

const BTC = 'BTCUSDT';
type Without<Command> = Command extends unknown ? Omit<Command, 'atMs'> : never;
type Sent = Without<ExchangeCommand>;

/** a long of 0.1 from 50000, one resting order "rest", one used link id "used" */
function busyDesk(): Desk {
  const desk = new Desk();
  desk.price(BTC, '50000', { jump: true });
  desk.order({ side: 'Buy', qty: '0.1', orderLinkId: 'used' });
  desk.order({ side: 'Buy', qty: '0.1', price: '49000', orderLinkId: 'rest' });
  return desk;
}

const place = (order: object): Sent => ({ kind: 'placeOrder', symbol: BTC, side: 'Buy', orderType: 'Market', qty: '0.1', ...order });
const limit = (order: object): Sent => place({ orderType: 'Limit', price: '49000', ...order });
const amend = (change: object): Sent => ({ kind: 'amendOrder', symbol: BTC, orderLinkId: 'rest', ...change });

describe('a refused command says why in the words of Bybit and changes nothing', () => {
  it.each<[string, Sent, number, RegExp]>([
    ['a symbol that is not listed', place({ symbol: 'NOPEUSDT' }), 10001, /symbol invalid/],
    ['a symbol named like a built-in', place({ symbol: '__proto__' }), 10001, /symbol invalid/],
    ['a symbol without a price', place({ symbol: 'ETHUSDT' }), 110074, /not live/],
    ['a hedge-mode index', place({ positionIdx: 1 }), 10001, /position idx not match/],
    ['a used link id', place({ orderLinkId: 'used' }), 110072, /duplicate/],
    ['a link id of 37 characters', place({ orderLinkId: 'x'.repeat(37) }), 10001, /orderLinkId/],
    ['a quantity off the step', place({ qty: '0.0015' }), 10001, /Qty invalid/],
    ['a quantity that is no number', place({ qty: '1e' }), 10001, /qty invalid/],
    ['a negative quantity', place({ qty: '-1' }), 10001, /Qty invalid/],
    ['quantity 0 without reduce-only', place({ qty: '0' }), 10001, /Qty invalid/],
    ['a market order above its maximum', place({ qty: '500.001' }), 10001, /exceeds maximum limit allowed: too large, order_qty:50000100000 > max_qty:50000000000/],
    ['a limit order above its maximum', limit({ qty: '1190.001' }), 10001, /exceeds maximum limit allowed/],
    ['a value below 5 USDT', limit({ qty: '0.001', price: '4999.9' }), 110094, /minimum order value/],
    ['a limit order without a price', place({ orderType: 'Limit' }), 10001, /price invalid/],
    ['a price off the tick', limit({ price: '49000.05' }), 10001, /price invalid/],
    ['a trigger without direction', place({ triggerPrice: '51000' }), 10001, /triggerDirection/],
    ['a rising trigger below the market', place({ triggerPrice: '50000', triggerDirection: 1 }), 110092, /expect Rising, but trigger_price\[500000000\] <= current\[500000000\]\?\?LastPrice/],
    ['a falling trigger above the market', place({ triggerPrice: '50000.1', triggerDirection: 2 }), 110093, /expect Falling/],
    ['more than the margin allows', place({ qty: '3' }), 110007, /ab not enough for new order/],
    ['reduce-only on the same side', place({ reduceOnly: true }), 110017, /Reduce-only rule not satisfied/],
    ['protection on a reduce-only order', place({ side: 'Sell', reduceOnly: true, stopLoss: '60000' }), 10001, /not allowed with reduceOnly/],
    ['a stop-loss above a long entry', place({ stopLoss: '50000' }), 10001, /sl:500000000 set for Buy position should lower base_price:500000000\?\?LastPrice/],
    ['a stop-loss below a short entry', place({ side: 'Sell', qty: '0.2', stopLoss: '49999' }), 10001, /sl:499990000 set for Sell position should greater base_price/],
    ['a stop-loss beyond the price of a limit entry', limit({ stopLoss: '49500' }), 10001, /base_price:490000000/],
    ['a take-profit below a long entry', place({ takeProfit: '49000' }), 10001, /TakeProfit:490000000 set for Buy position should be higher/],
    ['cancelling an unknown order', { kind: 'cancelOrder', symbol: BTC, orderLinkId: 'nobody' }, 110001, /too late to cancel/],
    ['cancelling a filled order', { kind: 'cancelOrder', symbol: BTC, orderLinkId: 'used' }, 110001, /too late to cancel/],
    ['cancelling without an id', { kind: 'cancelOrder', symbol: BTC }, 10001, /required/],
    ['amending a filled order', amend({ orderLinkId: 'used', qty: '1' }), 110001, /too late to replace/],
    ['amending to the same', amend({ qty: '0.1', price: '49000' }), 10001, /remains unchanged/],
    ['amending beyond the margin', amend({ qty: '5' }), 110007, /ab not enough/],
    ['the same leverage', { kind: 'setLeverage', symbol: BTC, buyLeverage: '10', sellLeverage: '10' }, 110043, /not modified/],
    ['two leverages', { kind: 'setLeverage', symbol: BTC, buyLeverage: '5', sellLeverage: '6' }, 10001, /must equal/],
    ['leverage beyond the maximum', { kind: 'setLeverage', symbol: BTC, buyLeverage: '101', sellLeverage: '101' }, 10001, /leverage invalid/],
    ['the same position mode', { kind: 'switchMode', symbol: BTC, mode: 0 }, 110025, /not modified/],
    ['hedge mode with a position', { kind: 'switchMode', symbol: BTC, mode: 3 }, 110024, /existing position/],
    ['the same margin mode', { kind: 'setMarginMode', mode: 'REGULAR_MARGIN' }, 110026, /not modified/],
    ['a trailing stop', { kind: 'setTradingStop', symbol: BTC, trailingStop: '100' }, 10001, /trailingStop/],
    ['taking out more than is there', { kind: 'deposit', amount: '-10001' }, 10001, /amount invalid/],
  ])('%s', (_name, command, retCode, retMsg) => {
    const desk = busyDesk();
    const before = snapshotState(desk.state);
    const { reply, events } = desk.send(command);
    expect(reply).toMatchObject({ retCode, retMsg: expect.stringMatching(retMsg) });
    expect(events).toEqual([]);
    expect(snapshotState(desk.state)).toBe(before);
  });

  it('reduce-only without any position', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    expect(desk.order({ side: 'Sell', qty: '0.1', reduceOnly: true }).reply)
      .toEqual({ retCode: 110017, retMsg: 'current position is zero, cannot fix reduce-only order qty' });
  });

  it('the 11th conditional order of a symbol', () => {
    const desk = busyDesk();
    const codes = Array.from({ length: 11 }, () => desk.send(place({ qty: '0.001', triggerPrice: '51000', triggerDirection: 1 })).reply.retCode);
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 0), 110009]);
  });

  it('the 501st active order of a symbol', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    const codes = Array.from({ length: 501 }, () => desk.send(limit({ qty: '0.001' })).reply.retCode);
    expect(codes.filter((code) => code === 0)).toHaveLength(500);
    expect(codes.at(-1)).toBe(110020);
  });

  it('the 21st partial stop of a position', () => {
    const desk = busyDesk();
    const codes = Array.from({ length: 21 }, () =>
      desk.send({ kind: 'setTradingStop', symbol: BTC, tpslMode: 'Partial', stopLoss: '48000', slSize: '0.001' }).reply.retCode);
    expect([codes.at(19), codes.at(20)]).toEqual([0, 110061]);
  });

  it('hedge mode is accepted when flat, and then every order is refused', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    expect(desk.send({ kind: 'switchMode', coin: 'USDT', mode: 3 }).reply.retCode).toBe(0);
    expect(desk.order({ side: 'Buy', qty: '0.1' }).reply).toEqual({ retCode: 10001, retMsg: 'position idx not match position mode' });
  });
});

describe('an impossible market command is a fault of the simulator and throws', () => {
  it.each([
    ['an unknown symbol', { symbol: 'NOPEUSDT' }, /not listed/],
    ['a price of 0', { lastPrice: '0' }, /above zero/],
    ['a price that is no number', { markPrice: 'x' }, /markPrice/],
    ['a step back in time', { atMs: 1 }, /before the one at/],
  ])('%s', (_name, wrong, message) => {
    const desk = busyDesk();
    const step = { kind: 'priceStep', symbol: BTC, lastPrice: '1', markPrice: '1', indexPrice: '1', ...wrong } as Sent & { kind: 'priceStep' };
    if ('atMs' in wrong) desk.nowMs = 0;
    expect(() => desk.send(step)).toThrow(message);
  });
});

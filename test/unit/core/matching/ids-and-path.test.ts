import { describe, expect, it } from 'vitest';
import { toDecimalString } from '../../../../core/money/decimal.js';
import type { Candle } from '../../../../core/market/candle.js';
import { applyCommand } from '../../../../core/matching/apply-command.js';
import { candlePath } from '../../../../core/matching/candle-path.js';
import { createExchangeState } from '../../../../core/matching/exchange-state.js';
import { idOf, orderIdForLink } from '../../../../core/matching/ids.js';
import { INSTRUMENTS } from '../../../../core/matching/instruments.js';
import { MAJOR_RISK_TIERS } from '../../../../core/matching/risk-tiers.js';
import { executions, findOrder, orderHistory } from '../../../../core/matching/queries.js';
import { Desk, FRICTIONLESS, START_MS, fillsOf } from './desk.js';

const BTC = 'BTCUSDT';

describe('ids', () => {
  it('have the form of a UUID and differ for every name among twenty thousand', () => {
    const ids = new Set<string>();
    for (let index = 0; index < 20_000; index += 1) ids.add(idOf('order', index));
    expect(ids.size).toBe(20_000);
    for (const id of [...ids].slice(0, 50)) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('do not confuse parts that read the same when joined', () => {
    expect(idOf('a', 'bc')).not.toBe(idOf('ab', 'c'));
  });

  it('of an order and its fills follow from the link id alone', () => {
    const ids = (warmUp: number) => {
      const desk = new Desk();
      for (const symbol of [BTC, 'ETHUSDT']) desk.price(symbol, '50000', { jump: true });
      for (let index = 0; index < warmUp; index += 1) desk.order({ symbol: 'ETHUSDT', side: 'Buy', qty: '0.01' });
      desk.order({ side: 'Buy', qty: '0.1', orderLinkId: 'e0', stopLoss: '49000' });
      return [...executions(desk.state), ...orderHistory(desk.state)].filter((row) => row.symbol === BTC)
        .map((row) => ('execId' in row ? row.execId : row.orderId));
    };
    expect(ids(0)).toEqual(ids(5));
    expect(ids(0)).toContain(orderIdForLink('paper', 'e0'));
  });

  it('keep a cancelled order findable by its link id, and the link id used up', () => {
    const desk = new Desk();
    desk.price(BTC, '50000', { jump: true });
    desk.order({ side: 'Buy', qty: '0.1', price: '49000', orderLinkId: '__proto__' });
    desk.send({ kind: 'cancelOrder', symbol: BTC, orderLinkId: '__proto__' });
    expect(findOrder(desk.state, { orderLinkId: '__proto__' })?.status).toBe('Cancelled');
    expect(desk.order({ side: 'Buy', qty: '0.1', orderLinkId: '__proto__' }).reply.retCode).toBe(110072);
  });
});

function candle(open: string, high: string, low: string, close: string): Candle {
  const [o, h, l, c] = [open, high, low, close].map(toDecimalString) as [Candle['open'], Candle['high'], Candle['low'], Candle['close']];
  return { symbol: BTC, interval: '5', startMs: START_MS, open: o, high: h, low: l, close: c, volume: toDecimalString('100'), turnover: toDecimalString('5000000') };
}

describe('the path of a candle', () => {
  it('goes to the extreme adverse to the position first, inside the time of the candle', () => {
    const bar = candle('100', '110', '90', '105');
    expect(candlePath(bar, 'Buy').map((point) => point.price)).toEqual(['100', '90', '110', '105']);
    expect(candlePath(bar, 'Sell').map((point) => point.price)).toEqual(['100', '110', '90', '105']);
    expect(candlePath(bar, 'Buy').map((point) => [point.atMs - START_MS, point.continuous]))
      .toEqual([[0, false], [100_000, true], [200_000, true], [299_999, true]]);
  });

  it('of a flat account follows the colour of the candle', () => {
    expect(candlePath(candle('100', '110', '90', '105')).map((point) => point.price)).toEqual(['100', '90', '110', '105']);
    expect(candlePath(candle('105', '110', '90', '100')).map((point) => point.price)).toEqual(['105', '110', '90', '100']);
  });

  const walk = (side: 'Buy' | 'Sell', protection: { stopLoss: string; takeProfit: string }, bar: Candle) => {
    const state = createExchangeState(FRICTIONLESS);
    const step = (price: string, atMs: number, continuous: boolean) =>
      applyCommand(state, { kind: 'priceStep', symbol: BTC, lastPrice: price, markPrice: price, indexPrice: price, volume: '100', atMs, continuous });
    step('50000', START_MS - 2, false);
    applyCommand(state, { kind: 'placeOrder', symbol: BTC, side, orderType: 'Market', qty: '0.1', ...protection, atMs: START_MS - 1 });
    return candlePath(bar, side).flatMap((point) => fillsOf(step(point.price, point.atMs, point.continuous)));
  };

  it.each([
    { side: 'Buy' as const, stopLoss: '49500', takeProfit: '50500', exit: '49500', leg: 'StopLoss' },
    { side: 'Sell' as const, stopLoss: '50500', takeProfit: '49500', exit: '50500', leg: 'StopLoss' },
    { side: 'Buy' as const, stopLoss: '48000', takeProfit: '50500', exit: '50500', leg: 'TakeProfit' },
  ])('with $stopLoss and $takeProfit around a $side ends it at $exit by its $leg', ({ side, stopLoss, takeProfit, exit, leg }) => {
    const fills = walk(side, { stopLoss, takeProfit }, candle('50000', '51000', '49000', '50000'));
    expect(fills).toMatchObject([{ price: exit, stopOrderType: leg }]);
  });

  it('that opens beyond the stop fills at the open', () => {
    expect(walk('Buy', { stopLoss: '49500', takeProfit: '55000' }, candle('48000', '48500', '47000', '48200'))).toMatchObject([{ price: '48000' }]);
  });
});

describe('the listed instruments', () => {
  it('carry the rules of Bybit for the symbols that are traded by default', () => {
    const rules = Object.fromEntries(INSTRUMENTS.map(({ symbol, tickSize, qtyStep, minOrderQty }) => [symbol, [tickSize, qtyStep, minOrderQty]]));
    expect(rules).toMatchObject({ BTCUSDT: ['0.1', '0.001', '0.001'], ETHUSDT: ['0.01', '0.01', '0.01'], SOLUSDT: ['0.01', '0.1', '0.1'] });
    expect(INSTRUMENTS[0]).toMatchObject({ maxOrderQty: '1190', maxMarketOrderQty: '500', minNotional: '5' });
  });

  it('have a maintenance margin that does not jump between tiers', () => {
    expect(MAJOR_RISK_TIERS[1]).toMatchObject({ riskLimitValue: '2600000', maxLeverage: '90', mmDeduction: '1200' });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dec, toDecimalString } from '../../../core/money/decimal.js';
import { buy, DAY_MS, MARKET_START_MS, MINUTE_MS, openVenue, rejectionOf, sell, type Venue } from './simulated-venue.js';

let venue: Venue;
beforeEach(async () => { venue = await openVenue(); });
afterEach(() => venue.stop());

describe('market data of the exchange', () => {
  it('tells the trading rules, which its own prices obey', async () => {
    const [instrument] = await venue.exchange.instruments(['BTCUSDT']);
    const [ticker] = await venue.exchange.tickers(['BTCUSDT']);
    expect(instrument).toMatchObject({ symbol: 'BTCUSDT', status: 'Trading', quoteCoin: 'USDT', fundingIntervalMinutes: 480 });
    expect(dec(ticker?.lastPrice ?? toDecimalString('0')).div(instrument?.tickSize ?? '1').isInteger()).toBe(true);
  });

  it('refuses a symbol that it does not list', async () => {
    expect((await rejectionOf(venue.exchange.instruments(['NOSUCHUSDT']))).code).toBe(20002);
    expect((await rejectionOf(venue.exchange.submitOrder(buy({ symbol: 'NOSUCHUSDT' })))).code).toBe(20002);
  });

  it('serves closed candles over several pages without gap, and the next one when it has closed', async () => {
    const range = { symbol: 'BTCUSDT', interval: '5' as const, limit: 2_500 };
    const before = await venue.exchange.closedCandles(range);
    expect(before).toHaveLength(2_500);
    expect(before.every((candle, index) => index === 0 || candle.startMs - (before[index - 1]?.startMs ?? 0) === 5 * MINUTE_MS)).toBe(true);
    expect(before.at(-1)?.startMs).toBe(MARKET_START_MS - 5 * MINUTE_MS);
    await venue.advance(MARKET_START_MS + 5 * MINUTE_MS);
    const after = await venue.exchange.closedCandles({ ...range, limit: 2 });
    expect(after.map(({ startMs }) => startMs)).toEqual([MARKET_START_MS - 5 * MINUTE_MS, MARKET_START_MS]);
    expect(after[1]?.open).toBe(after[0]?.close);
  });

  it('never serves a candle that is still forming', async () => {
    await venue.advance(MARKET_START_MS + 7 * MINUTE_MS);
    const candles = await venue.exchange.closedCandles({ symbol: 'BTCUSDT', interval: '15', limit: 1 });
    expect(candles[0]?.startMs).toBe(MARKET_START_MS - 15 * MINUTE_MS);
  });
});

describe('a trade on the exchange', () => {
  it('begins filled and with its stop, in one request', async () => {
    const order = buy({ takeProfit: toDecimalString('500000') });
    const acknowledged = await venue.exchange.submitOrder(order);
    expect(acknowledged).toEqual({ orderId: expect.any(String), orderLinkId: order.orderLinkId, alreadyKnown: false });
    expect(await venue.exchange.findOrder(order)).toMatchObject({ orderId: acknowledged.orderId, status: 'Filled', cumExecQty: '0.01', stopLoss: '20000' });
    expect(await venue.exchange.positions()).toMatchObject([{ symbol: 'BTCUSDT', side: 'Buy', size: '0.01', stopLoss: '20000', takeProfit: '500000' }]);
    const stops = (await venue.exchange.openOrders()).filter(({ stopOrderType }) => stopOrderType === 'StopLoss');
    expect(stops).toMatchObject([{ side: 'Sell', triggerPrice: '20000', status: 'Untriggered' }]);
  });

  it('ends by a reduce-only order, and its executions, fees and balance agree', async () => {
    const { walletBalance: before } = await venue.exchange.wallet();
    const [entry, exit] = [buy(), sell()];
    await venue.exchange.submitOrder(entry);
    await venue.advance(MARKET_START_MS + 5 * MINUTE_MS);
    await venue.exchange.submitOrder(exit);
    expect(await venue.exchange.positions()).toEqual([]);
    const executions = await venue.exchange.executions({ fromMs: MARKET_START_MS });
    expect(executions.map(({ orderLinkId, side }) => [orderLinkId, side])).toEqual([[entry.orderLinkId, 'Buy'], [exit.orderLinkId, 'Sell']]);
    const cash = executions.reduce((sum, { side, value, fee }) => sum.plus(side === 'Sell' ? value : `-${value}`).minus(fee), dec(before));
    expect(toDecimalString(cash)).toBe((await venue.exchange.wallet()).walletBalance);
    const log = await venue.exchange.transactions({ fromMs: MARKET_START_MS });
    expect(log.at(-1)?.cashBalance).toBe((await venue.exchange.wallet()).walletBalance);
  });

  it('ends by its stop when the price falls through it, with nobody watching', async () => {
    const [ticker] = await venue.exchange.tickers(['BTCUSDT']);
    const stop = dec(ticker?.lastPrice ?? toDecimalString('0')).times('0.99').toDecimalPlaces(0);
    await venue.exchange.submitOrder(buy({ stopLoss: toDecimalString(stop) }));
    await venue.jump('BTCUSDT', stop.times('0.985').toFixed(0));
    expect(await venue.exchange.positions()).toEqual([]);
    const history = await venue.exchange.orderHistory({ fromMs: MARKET_START_MS });
    expect(history.at(-1)).toMatchObject({ stopOrderType: 'StopLoss', status: 'Filled', orderLinkId: '' });
  });

  it('keeps its stop when all orders are cancelled', async () => {
    await venue.exchange.submitOrder(buy());
    await venue.exchange.cancelAllOrders();
    await venue.exchange.cancelAllOrders({ symbol: 'BTCUSDT' });
    expect(await venue.exchange.positions()).toMatchObject([{ stopLoss: '20000' }]);
    expect((await venue.exchange.openOrders()).map(({ stopOrderType }) => stopOrderType)).toEqual(['StopLoss']);
  });

  it('gets a new stop at an absolute price, once or twice the same', async () => {
    await venue.exchange.submitOrder(buy());
    const protection = { symbol: 'BTCUSDT', stopLoss: toDecimalString('30000') };
    await venue.exchange.setProtection(protection);
    await venue.exchange.setProtection(protection);
    expect(await venue.exchange.positions()).toMatchObject([{ stopLoss: '30000' }]);
  });

  it('cannot get a stop where there is no position, or beyond the price', async () => {
    expect((await rejectionOf(venue.exchange.setProtection({ symbol: 'BTCUSDT', stopLoss: toDecimalString('30000') }))).code).toBe(20006);
    await venue.exchange.submitOrder(buy());
    expect((await rejectionOf(venue.exchange.setProtection({ symbol: 'BTCUSDT', stopLoss: toDecimalString('900000') }))).code).toBe(20006);
  });

  it('is refused with the code that says why', async () => {
    const codeOf = async (order: Parameters<Venue['exchange']['submitOrder']>[0]): Promise<number> => {
      const error = await rejectionOf(venue.exchange.submitOrder(order));
      expect(error.outcome).toBe('definite');
      return error.code;
    };
    expect(await codeOf(buy({ qty: toDecimalString('5') }))).toBe(20001);
    expect(await codeOf(buy({ qty: toDecimalString('0.0001') }))).toBe(20003);
    expect(await codeOf(buy({ qty: toDecimalString('100000') }))).toBe(20003);
    expect(await codeOf(buy({ stopLoss: toDecimalString('900000') }))).toBe(20008);
    expect(await codeOf(sell())).toBe(20003);
  });
});

describe('account settings', () => {
  it('take the same value twice', async () => {
    for (let time = 0; time < 2; time += 1) {
      await venue.exchange.setLeverage('BTCUSDT', toDecimalString('3'));
      await venue.exchange.ensureOneWayMode('BTCUSDT');
    }
    await venue.exchange.submitOrder(buy());
    expect(await venue.exchange.positions()).toMatchObject([{ leverage: '3' }]);
  });

  it('of the key can be read', async () => {
    expect(await venue.exchange.apiKey()).toMatchObject({ readOnly: false, permissions: { ContractTrade: ['Order', 'Position'] }, expiresMs: undefined });
  });

  it('of the clock are close to ours', async () => {
    expect(Math.abs(await venue.exchange.serverTime() - Date.now())).toBeLessThan(5_000);
  });
});

describe('long lists', () => {
  it('are complete and ascending over more than a hundred executions and more than a week', async () => {
    const links: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const [entry, exit] = [buy(), sell()];
      await venue.exchange.submitOrder(entry);
      await venue.exchange.submitOrder(exit);
      links.push(entry.orderLinkId, exit.orderLinkId);
      if (round === 30) await venue.advance(MARKET_START_MS + 9 * DAY_MS);
    }
    const executions = (await venue.exchange.executions({ fromMs: MARKET_START_MS })).filter(({ execType }) => execType === 'Trade');
    expect(executions.map(({ orderLinkId }) => orderLinkId)).toEqual(links);
    expect(new Set(executions.map(({ execId }) => execId)).size).toBe(120);
    const ofOne = await venue.exchange.executions({ fromMs: MARKET_START_MS, orderLinkId: links[7] ?? '' });
    expect(ofOne.map(({ orderLinkId }) => orderLinkId)).toEqual([links[7]]);
    expect((await venue.exchange.orderHistory({ fromMs: MARKET_START_MS })).filter(({ orderLinkId }) => links.includes(orderLinkId))).toHaveLength(120);
    const log = await venue.exchange.transactions({ fromMs: MARKET_START_MS });
    expect(log.filter(({ type }) => type === 'TRADE')).toHaveLength(120);
    expect(log.at(-1)?.cashBalance).toBe((await venue.exchange.wallet()).walletBalance);
  });
});

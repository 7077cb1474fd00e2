/** What recorded answers become, through the real client: names, decimals, sides, times, and nothing lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BybitExchange } from '../../../../adapters/bybit/exchange.js';
import { exchangeFor, rejectionOf } from './exchange-under-test.js';
import { recordedReply, type RecordedReply } from './fixture.js';
import { reply, startScriptedExchange, type ReceivedRequest, type ScriptedExchange } from './scripted-exchange.js';

let server: ScriptedExchange;
let exchange: BybitExchange;

beforeEach(async () => {
  server = await startScriptedExchange();
  exchange = exchangeFor(server);
});
afterEach(async () => {
  await exchange.close();
  await server.stop();
});

/** Answers each path with its recording; `edit` may change the result first. */
function replay(recordings: Record<string, string>, edit: (result: RecordedReply['result'], request: ReceivedRequest) => unknown = (result) => result): void {
  server.answer((request, response) => {
    const name = recordings[request.path];
    if (name === undefined) { reply(response, 0, { list: [], timeNano: '1735900000000000000' }); return; }
    const recording = recordedReply(name);
    reply(response, 0, edit(recording.result, request), { time: recording.time });
  });
}

describe('market data', () => {
  it('reads an instrument\'s trading rules', async () => {
    replay({ '/v5/market/instruments-info': 'instruments-info' });
    expect(await exchange.instruments(['BTCUSDT'])).toEqual([{
      symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading', tickSize: '0.1', qtyStep: '0.001', minOrderQty: '0.001',
      maxOrderQty: '1190', maxMarketOrderQty: '500', minNotional: '5', minLeverage: '1', maxLeverage: '100', leverageStep: '0.01',
      fundingIntervalMinutes: 480, priceLimitRatioX: '0.01', priceLimitRatioY: '0.02',
    }]);
  });

  it('says which symbol the exchange does not list', async () => {
    replay({ '/v5/market/instruments-info': 'instruments-info' });
    expect(await rejectionOf(exchange.instruments(['BTCUSDT', 'NOSUCH']))).toMatchObject({ code: 20002, message: expect.stringContaining('NOSUCH') });
  });

  it('reads a ticker with the time of the reply', async () => {
    replay({ '/v5/market/tickers': 'tickers' });
    expect(await exchange.tickers(['BTCUSDT'])).toEqual([{
      symbol: 'BTCUSDT', lastPrice: '64250.1', markPrice: '64252', indexPrice: '64255.34', fundingRate: '0.0001',
      nextFundingMs: 1_735_833_600_000, asOfMs: 1_735_809_771_700,
    }]);
  });
});

describe('the account', () => {
  it('reads orders: an entry with its stop, and the stop the exchange made of it', async () => {
    replay({ '/v5/order/realtime': 'order-realtime' });
    expect(await exchange.findOrder({ symbol: 'BTCUSDT', orderLinkId: 'BTCUSDT-t1-e0' })).toEqual({
      orderId: 'fd4300ae-7847-404e-b947-b46980a4d140', orderLinkId: 'BTCUSDT-t1-e0', parentOrderLinkId: '', symbol: 'BTCUSDT', side: 'Buy',
      orderType: 'Market', status: 'Filled', stopOrderType: 'UNKNOWN', createType: 'CreateByUser', cancelType: 'UNKNOWN', rejectReason: 'EC_NoError',
      qty: '0.01', price: '64892.6', triggerPrice: '0', stopLoss: '62000', takeProfit: '0', cumExecQty: '0.01', cumExecValue: '642.501',
      cumExecFee: '0.35337555', avgPrice: '64250.1', reduceOnly: false, createdMs: 1_735_809_771_618, updatedMs: 1_735_809_771_625,
    });
    const open = await exchange.openOrders();
    expect(open).toHaveLength(1);
    expect(open[0]).toMatchObject({ stopOrderType: 'StopLoss', parentOrderLinkId: 'BTCUSDT-t1-e0', status: 'Untriggered', triggerPrice: '62000', reduceOnly: true });
  });

  it('looks for an order in the history when it is no longer among the recent ones', async () => {
    replay({ '/v5/order/history': 'order-realtime' });
    expect((await exchange.findOrder({ symbol: 'BTCUSDT', orderLinkId: 'BTCUSDT-t1-e0' }))?.status).toBe('Filled');
    expect(await exchange.findOrder({ symbol: 'BTCUSDT', orderLinkId: 'never-sent' })).toBeNull();
  });

  it('reads executions ascending: a funding payment is one of them, and its fee is a cost when positive', async () => {
    replay({ '/v5/execution/list': 'execution-list' }, (result, request) => (request.query.has('cursor') ? { list: [], nextPageCursor: '' } : result));
    const executions = await exchange.executions({ fromMs: 1_735_800_000_000, toMs: 1_735_900_000_000 });
    expect(executions.map((execution) => execution.execType)).toEqual(['Trade', 'Funding']);
    expect(executions[0]).toEqual({
      execId: 'e0cbe81d-0f18-5866-9415-cf319b5dab3b', execType: 'Trade', orderId: 'fd4300ae-7847-404e-b947-b46980a4d140', orderLinkId: 'BTCUSDT-t1-e0',
      symbol: 'BTCUSDT', side: 'Buy', stopOrderType: 'UNKNOWN', createType: 'CreateByUser', price: '64250.1', qty: '0.01', value: '642.501',
      fee: '0.35337555', feeRate: '0.00055', isMaker: false, closedSize: '0', markPrice: '64252', execMs: 1_735_809_771_621, seq: 4_688_002_127,
    });
    expect(executions[1]?.fee).toBe('0.06425');
  });

  it('hands the cursor back as the exchange meant it, encoded once', async () => {
    replay({ '/v5/execution/list': 'execution-list' }, (result, request) => (request.query.has('cursor') ? { list: [], nextPageCursor: '' } : result));
    await exchange.executions({ fromMs: 1_735_800_000_000, toMs: 1_735_900_000_000 });
    expect(server.requests[1]?.query.get('cursor')).toBe('132766:2,132766:2');
  });

  const dayMs = 86_400_000;
  const spansAsked = (): number[][] => server.requests.filter(({ path }) => path === '/v5/execution/list').map(({ query }) => [Number(query.get('startTime')), Number(query.get('endTime'))]);

  it('splits a long span into weeks', async () => {
    const [fromMs, toMs] = [1_735_000_000_000, 1_735_000_000_000 + 20 * dayMs];
    replay({});
    await exchange.executions({ fromMs, toMs, symbol: 'BTCUSDT' });
    expect(spansAsked()).toEqual([[fromMs + 14 * dayMs, toMs], [fromMs + 7 * dayMs, fromMs + 14 * dayMs - 1], [fromMs, fromMs + 7 * dayMs - 1]]);
  });

  it('reads an open span up to the market\'s present, which is not the clock of a replaying server', async () => {
    const marketDayMs = Date.UTC(2024, 4, 20);
    server.answer((request, response) => {
      if (request.path === '/v5/market/kline') reply(response, 0, { list: [[String(marketDayMs), '1', '1', '1', '1', '0', '0']] });
      else reply(response, 0, { list: [] }, { time: Date.UTC(2026, 0, 1) });
    });
    await exchange.executions({ fromMs: marketDayMs - 3 * dayMs });
    expect(spansAsked()).toEqual([[marketDayMs - 3 * dayMs, marketDayMs + 2 * dayMs - 1]]);
  });

  it('reads open positions and leaves out flat symbols', async () => {
    replay({ '/v5/position/list': 'position-list' });
    expect(await exchange.positions()).toEqual([{
      symbol: 'BTCUSDT', side: 'Buy', size: '0.01', avgPrice: '64250.1', markPrice: '64252', leverage: '2', liquidationPrice: '0',
      stopLoss: '62000', takeProfit: '0', unrealisedPnl: '0.019', positionValue: '642.501', updatedMs: 1_735_809_771_621,
    }]);
  });

  it('reads the USDT wallet, not the sum over all coins', async () => {
    replay({ '/v5/account/wallet-balance': 'wallet-balance' });
    expect(await exchange.wallet()).toEqual({
      equity: '9994.95678901', walletBalance: '9994.93778901', available: '9801.85678901', unrealisedPnl: '0.019',
      initialMargin: '321.6', maintenanceMargin: '3.56', asOfMs: 1_735_809_771_900,
    });
  });

  it('reads every change of the wallet ascending, transfers too', async () => {
    replay({ '/v5/account/transaction-log': 'transaction-log' });
    const entries = await exchange.transactions({ fromMs: 1_735_800_000_000, toMs: 1_735_900_000_000 });
    expect(entries.map(({ type, change, cashBalance }) => [type, change, cashBalance])).toEqual([
      ['TRANSFER_IN', '10000', '10000'], ['TRADE', '-0.35337555', '9994.93778901'], ['SETTLEMENT', '-0.06425', '9994.87353901'],
    ]);
  });

  it('reads what the key may do', async () => {
    replay({ '/v5/user/query-api': 'query-api' });
    const key = await exchange.apiKey();
    expect(key).toMatchObject({ readOnly: false, boundIps: ['203.0.113.7'], expiresMs: Date.UTC(2026, 2, 1) });
    expect(key.permissions).toMatchObject({ ContractTrade: ['Order', 'Position'], Wallet: [], FiatP2P: [] });
  });

  it.each(['', '1970-01-01T00:00:00Z'])('takes the expiry "%s" for none', async (expiredAt) => {
    replay({ '/v5/user/query-api': 'query-api' }, (result) => ({ ...result, expiredAt }));
    expect((await exchange.apiKey()).expiresMs).toBeUndefined();
  });

  it('refuses an order status it does not know instead of guessing', async () => {
    replay({ '/v5/order/realtime': 'order-realtime' }, (result) => ({ ...result, list: result.list.map((row) => ({ ...row, orderStatus: 'Exploded' })) }));
    expect(await rejectionOf(exchange.openOrders())).toMatchObject({ code: 40010, message: expect.stringContaining('orderStatus') });
  });
});

describe('candles', () => {
  const minuteMs = 60_000;
  /** A market of one-minute candles of which `formingMs` is the start of the newest, served as the exchange does. */
  function marketUntil(formingMs: number, firstMs = 0): void {
    server.answer((request, response) => {
      const end = Math.min(Number(request.query.get('end') ?? formingMs), formingMs);
      const start = Math.max(Number(request.query.get('start') ?? 0), firstMs);
      const list: string[][] = [];
      for (let at = Math.floor(end / minuteMs) * minuteMs; at >= start && list.length < Number(request.query.get('limit') ?? 200); at -= minuteMs) {
        list.push([String(at), '1.0', '2.0', '0.5', '1.5', '10', '15']);
      }
      reply(response, 0, { category: 'linear', symbol: 'BTCUSDT', list });
    });
  }
  const starts = (candles: { startMs: number }[]): number[] => candles.map(({ startMs }) => startMs / minuteMs);
  const range = { symbol: 'BTCUSDT', interval: '1' as const };

  it('are ascending and without the forming one', async () => {
    marketUntil(100 * minuteMs);
    const candles = await exchange.closedCandles({ ...range, limit: 3 });
    expect(candles).toEqual([97, 98, 99].map((minute) => ({
      symbol: 'BTCUSDT', interval: '1', startMs: minute * minuteMs, open: '1', high: '2', low: '0.5', close: '1.5', volume: '10', turnover: '15',
    })));
  });

  it('of a longer stretch come from several pages, each once', async () => {
    marketUntil(5_000 * minuteMs);
    const candles = await exchange.closedCandles({ ...range, fromMs: 2_000 * minuteMs, limit: 10_000 });
    expect(starts(candles)).toEqual(Array.from({ length: 3_000 }, (_, index) => 2_000 + index));
    expect(server.requests.every(({ query }) => Number(query.get('limit')) <= 1_000)).toBe(true);
  });

  it('keep the newest when more stand in the range than are wanted', async () => {
    marketUntil(5_000 * minuteMs);
    expect(starts(await exchange.closedCandles({ ...range, fromMs: 0, limit: 2 }))).toEqual([4_998, 4_999]);
  });

  it('end where the caller says, and never include the forming one even if asked', async () => {
    marketUntil(100 * minuteMs);
    expect(starts(await exchange.closedCandles({ ...range, fromMs: 40 * minuteMs, toMs: 42 * minuteMs, limit: 10 }))).toEqual([40, 41, 42]);
    expect(starts(await exchange.closedCandles({ ...range, fromMs: 99 * minuteMs, toMs: 100 * minuteMs, limit: 10 }))).toEqual([99]);
  });

  it('begin with the listing of the contract', async () => {
    marketUntil(100 * minuteMs, 95 * minuteMs);
    expect(starts(await exchange.closedCandles({ ...range, limit: 50 }))).toEqual([95, 96, 97, 98, 99]);
  });

  it('are none when the exchange has none', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [] }); });
    expect(await exchange.closedCandles({ ...range, limit: 5 })).toEqual([]);
  });
});

describe('requests', () => {
  it('cancel plain and conditional orders but no stop of a position', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [{ orderId: '1', orderLinkId: 'a' }], success: '1' }); });
    expect(await exchange.cancelAllOrders()).toBe(2);
    expect(server.requests.map(({ body }) => body)).toEqual([
      { category: 'linear', settleCoin: 'USDT', orderFilter: 'Order' },
      { category: 'linear', settleCoin: 'USDT', orderFilter: 'StopOrder', stopOrderType: 'Stop' },
    ]);
  });

  it('set the stop of the whole position at an absolute price', async () => {
    server.answer((_request, response) => { reply(response, 0, {}); });
    await exchange.setProtection({ symbol: 'BTCUSDT', stopLoss: '60000' as never, takeProfit: '70000' as never });
    expect(server.requests[0]?.body).toEqual({
      category: 'linear', symbol: 'BTCUSDT', tpslMode: 'Full', positionIdx: 0, stopLoss: '60000', slTriggerBy: 'LastPrice', takeProfit: '70000', tpTriggerBy: 'LastPrice',
    });
  });

  it('set the same leverage for both sides, and one-way mode', async () => {
    server.answer((_request, response) => { reply(response, 0, {}); });
    await exchange.setLeverage('BTCUSDT', '2' as never);
    await exchange.ensureOneWayMode('BTCUSDT');
    expect(server.requests.map(({ body }) => body)).toEqual([
      { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '2', sellLeverage: '2' },
      { category: 'linear', symbol: 'BTCUSDT', mode: 0 },
    ]);
  });
});

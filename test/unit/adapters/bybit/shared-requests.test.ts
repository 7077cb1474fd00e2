/** Callers that ask the same at the same time: which of them may share one request, and which may not. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BybitExchange } from '../../../../adapters/bybit/exchange.js';
import { exchangeFor, rejectionOf } from './exchange-under-test.js';
import { answerHttp, reply, startScriptedExchange, type ScriptedExchange } from './scripted-exchange.js';

const MINUTE_MS = 60_000;
const row = (symbol: string, fields: Record<string, string> = {}): Record<string, string> => ({
  symbol, lastPrice: '100', markPrice: '101', indexPrice: '100.5', fundingRate: '0.0001', nextFundingTime: '1700006400000', ...fields,
});

let server: ScriptedExchange;
let exchange: BybitExchange;
/** answers that wait for the test's word */
let held: ServerResponse[];
const hold = (): void => server.answer((_request, response) => { held.push(response); });
const untilHeld = (count: number): Promise<void> => expect.poll(() => held.length).toBe(count);
const asked = (path: string): number => server.requests.filter((request) => request.path === path).length;

beforeEach(async () => {
  held = [];
  server = await startScriptedExchange();
  exchange = exchangeFor(server);
});
afterEach(async () => {
  await exchange.close();
  await server.stop();
});

describe('prices', () => {
  it('of many symbols take one request, in the order they were asked for', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: ['SOLUSDT', 'BTCUSDT', 'ETHUSDT'].map((symbol) => row(symbol)) }, { time: 1_700_000_000_123 }); });
    const tickers = await exchange.tickers(['BTCUSDT', 'SOLUSDT']);
    expect(tickers.map(({ symbol, asOfMs }) => ({ symbol, asOfMs }))).toEqual([{ symbol: 'BTCUSDT', asOfMs: 1_700_000_000_123 }, { symbol: 'SOLUSDT', asOfMs: 1_700_000_000_123 }]);
    expect(server.requests.map(({ query }) => [...query.keys()])).toEqual([['category']]);
  });

  it('of one symbol ask for that symbol alone, and of none ask nothing', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [row('BTCUSDT')] }); });
    expect(await exchange.tickers([])).toEqual([]);
    await exchange.tickers(['BTCUSDT']);
    expect(server.requests.map(({ query }) => query.get('symbol'))).toEqual(['BTCUSDT']);
  });

  it('are not spoilt by a contract that nobody asked for', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [row('ODDUSDT', { lastPrice: 'none' }), row('BTCUSDT'), row('ETHUSDT')] }); });
    expect(await exchange.tickers(['BTCUSDT', 'ETHUSDT'])).toHaveLength(2);
  });

  it('of a symbol that the exchange does not list are refused by its name', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [row('BTCUSDT')] }); });
    expect(await rejectionOf(exchange.tickers(['BTCUSDT', 'NONEUSDT']))).toMatchObject({ code: 20002, message: expect.stringContaining('NONEUSDT') as string });
  });

  it('asked for by three callers at once are one request, and it is counted who shared it', async () => {
    hold();
    const callers = Promise.all([1, 2, 3].map(() => exchange.tickers(['BTCUSDT'])));
    await untilHeld(1);
    reply(held[0] as ServerResponse, 0, { list: [row('BTCUSDT')] });
    const answers = await callers;
    expect(asked('/v5/market/tickers')).toBe(1);
    expect(answers.map(([ticker]) => ticker?.lastPrice)).toEqual(['100', '100', '100']);
    expect(answers[0]?.[0]).not.toBe(answers[1]?.[0]);
    expect(exchange.apiStatistics().endpoints).toEqual([expect.objectContaining({ endpoint: 'market/tickers', calls: 1, shared: 2 })]);
  });

  it('asked for again after the answer are asked anew', async () => {
    server.answer((_request, response) => { reply(response, 0, { list: [row('BTCUSDT')] }); });
    await exchange.tickers(['BTCUSDT']);
    await exchange.tickers(['BTCUSDT']);
    expect(asked('/v5/market/tickers')).toBe(2);
  });

  it('whose shared request fails, fail for everybody who waited, and the next caller asks anew', async () => {
    hold();
    const callers = [1, 2].map(() => rejectionOf(exchange.tickers(['BTCUSDT'])));
    await untilHeld(1);
    answerHttp(503, '')(server.requests[0] as never, held[0] as ServerResponse);
    expect((await Promise.all(callers)).map(({ code }) => code)).toEqual([30003, 30003]);
    server.answer((_request, response) => { reply(response, 0, { list: [row('BTCUSDT')] }); });
    expect(await exchange.tickers(['BTCUSDT'])).toHaveLength(1);
  });
});

describe('what confirms an effect', () => {
  it.each([
    ['the wallet', () => exchange.wallet()],
    ['positions', () => exchange.positions()],
    ['open orders', () => exchange.openOrders()],
    ['one order', () => exchange.findOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' })],
    ['executions', () => exchange.executions({ fromMs: 0, toMs: MINUTE_MS })],
    ['the key', () => exchange.apiKey()],
    ['the clock', () => exchange.serverTime()],
    ['the newest candle', () => exchange.closedCandles({ symbol: 'BTCUSDT', interval: '5', limit: 1 })],
  ])('is asked by every caller for itself: %s', async (_what, ask: () => Promise<unknown>) => {
    hold();
    const callers = [ask(), ask()].map((call) => call.catch(() => undefined));
    await untilHeld(2);
    for (const response of held) response.destroy();
    server.answer(answerHttp(503, ''));
    await Promise.all(callers);
    expect(exchange.apiStatistics().endpoints.reduce((sum, { shared }) => sum + shared, 0)).toBe(0);
  });
});

describe('closed candles of a span', () => {
  it('that two callers want at once are one request', async () => {
    const newest = (response: ServerResponse): void => { reply(response, 0, { list: [[String(10 * MINUTE_MS), '1', '1', '1', '1', '1', '1']] }); };
    server.answer((request, response) => { if (request.query.has('start')) held.push(response); else newest(response); });
    const callers = [1, 2].map(() => exchange.closedCandles({ symbol: 'BTCUSDT', interval: '1', fromMs: 8 * MINUTE_MS, toMs: 9 * MINUTE_MS, limit: 2 }));
    await expect.poll(() => exchange.apiStatistics().endpoints.find(({ endpoint }) => endpoint === 'market/kline')?.shared).toBe(1);
    await untilHeld(1);
    reply(held[0] as ServerResponse, 0, { list: [9, 8].map((minute) => [String(minute * MINUTE_MS), '1', '1', '1', '1', '1', '1']) });
    expect((await Promise.all(callers)).map((candles) => candles.map(({ startMs }) => startMs / MINUTE_MS))).toEqual([[8, 9], [8, 9]]);
  });
});

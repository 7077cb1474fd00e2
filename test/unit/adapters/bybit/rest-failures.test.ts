/** How the adapter behaves when the answer is wrong, late or missing: the real client over real HTTP. */
import { inspect } from 'node:util';
import { RestClientV5 } from 'bybit-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BybitExchange } from '../../../../adapters/bybit/exchange.js';
import type { ErrorCode } from '../../../../core/errors/catalogue.js';
import { entry, exchangeFor, exit, KEY, rejectionOf, rememberingLogger, SECRET } from './exchange-under-test.js';
import { answerHttp, reply, startScriptedExchange, type Answer, type ScriptedExchange } from './scripted-exchange.js';

let server: ScriptedExchange;
let exchange: BybitExchange;

beforeEach(async () => {
  server = await startScriptedExchange();
  exchange = exchangeFor(server, { requestTimeoutMs: 300, banMs: 50 });
});
afterEach(async () => {
  await exchange.close();
  await server.stop();
});

const never: Answer = () => undefined;
const breakOff: Answer = (_request, response) => { response.destroy(); };
const breakOffInTheMiddle: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"retCode":0,', () => { response.destroy(); });
};
const drip: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => { clearInterval(timer); });
};
const htmlPage = '<!doctype html><html><body>Bad gateway</body></html>';

describe('a failed order', () => {
  it.each<[string, Answer, ErrorCode, 'unknown' | 'definite']>([
    ['no answer', never, 20007, 'unknown'],
    ['an answer that drips without end', drip, 20007, 'unknown'],
    ['a connection closed without an answer', breakOff, 20007, 'unknown'],
    ['a connection closed within the answer', breakOffInTheMiddle, 20007, 'unknown'],
    ['HTTP 500', answerHttp(500, ''), 20007, 'unknown'],
    ['HTTP 502 with a page', answerHttp(502, htmlPage), 20007, 'unknown'],
    ['HTTP 200 with a page', answerHttp(200, htmlPage, { 'content-type': 'text/html' }), 20007, 'unknown'],
    ['HTTP 200 with broken JSON', answerHttp(200, '{"retCode":0', { 'content-type': 'application/json' }), 20007, 'unknown'],
    ['HTTP 200 with an empty body', answerHttp(200, ''), 20007, 'unknown'],
    ['HTTP 200 with retCode as text', answerHttp(200, '{"retCode":"0","retMsg":"OK","result":{}}', { 'content-type': 'application/json' }), 20007, 'unknown'],
    ['success without an order id', (_request, response) => { reply(response, 0, {}); }, 20007, 'unknown'],
    ['10000', (_request, response) => { reply(response, 10000, {}); }, 20007, 'unknown'],
    ['10016', (_request, response) => { reply(response, 10016, {}); }, 20007, 'unknown'],
    ['a redirect', answerHttp(302, '', { location: 'http://127.0.0.1:1/' }), 20007, 'unknown'],
    ['HTTP 400', answerHttp(400, ''), 30004, 'definite'],
    ['HTTP 401', answerHttp(401, ''), 30002, 'definite'],
    ['HTTP 403', answerHttp(403, 'access too frequent'), 30009, 'definite'],
    ['HTTP 404', answerHttp(404, ''), 30007, 'definite'],
    ['HTTP 429', answerHttp(429, ''), 30001, 'definite'],
    ['too little balance', (_request, response) => { reply(response, 110007, {}, { retMsg: 'ab not enough for new order' }); }, 20001, 'definite'],
  ])('with %s has code %3$i and an outcome that is %4$s', async (_name, answer, code, outcome) => {
    server.answer(answer);
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ code, outcome });
    expect(server.requests).toHaveLength(1);
  });

  it('at a server that is not there was never placed', async () => {
    await server.stop();
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ code: 30003, outcome: 'definite', foreignCode: 'ECONNREFUSED' });
    server = await startScriptedExchange();
  });
});

describe('a failed read', () => {
  it.each<[string, Answer, ErrorCode]>([
    ['no answer', never, 30005],
    ['an answer that drips without end', drip, 30005],
    ['a connection closed without an answer', breakOff, 30003],
    ['HTTP 200 with a page', answerHttp(200, htmlPage, { 'content-type': 'text/html' }), 30003],
    ['HTTP 500', answerHttp(500, ''), 30003],
    ['HTTP 503 with a page', answerHttp(503, htmlPage), 30006],
    ['HTTP 403', answerHttp(403, ''), 30009],
    ['10016', (_request, response) => { reply(response, 10016, {}); }, 30003],
    ['10006', (_request, response) => { reply(response, 10006, {}); }, 30001],
    ['10003', (_request, response) => { reply(response, 10003, {}); }, 30002],
    ['10005', (_request, response) => { reply(response, 10005, {}); }, 30010],
    ['success that is not a wallet', (_request, response) => { reply(response, 0, { list: [] }); }, 40010],
    ['a number where a decimal text belongs', (_request, response) => { reply(response, 0, { list: [{ coin: [{ coin: 'USDT', equity: 1.1 }] }] }); }, 40010],
  ])('with %s has code %3$i and is never in doubt', async (_name, answer, code) => {
    server.answer(answer);
    expect(await rejectionOf(exchange.wallet())).toMatchObject({ code, outcome: 'definite' });
  });

  it('names the exchange\'s own code beside ours', async () => {
    server.answer((_request, response) => { reply(response, 110007, {}, { retMsg: 'ab not enough' }); });
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ foreignCode: '110007', message: expect.stringContaining('ab not enough') });
    server.answer(answerHttp(503, ''));
    expect(await rejectionOf(exchange.wallet())).toMatchObject({ foreignCode: 'HTTP 503' });
  });
});

describe('no error shows key or secret', () => {
  const echoingKey: Answer = (request, response) => { reply(response, 10004, {}, { retMsg: `error sign! origin_string[1${KEY}5000] ${SECRET} ${String(request.headers['x-bapi-sign'])}` }); };
  it.each<[string, Answer]>([
    ['HTTP 500', answerHttp(500, '')],
    ['HTTP 401 with JSON', answerHttp(401, JSON.stringify({ retCode: 10003, retMsg: KEY }), { 'content-type': 'application/json' })],
    ['HTTP 403', answerHttp(403, KEY)],
    ['a time-out', never],
    ['a reset', breakOff],
    ['a refusal that echoes both', echoingKey],
    ['a page', answerHttp(200, SECRET)],
  ])('after %s: not in its words, JSON, stack, causes or hidden fields, nor in the log', async (_name, answer) => {
    const logger = rememberingLogger();
    await exchange.close();
    exchange = exchangeFor(server, { requestTimeoutMs: 300, logger });
    server.answer(answer);
    for (const error of [await rejectionOf(exchange.submitOrder(entry())), await rejectionOf(exchange.wallet())]) {
      const everything = [String(error), error.stack, JSON.stringify(error), inspect(error, { depth: 20, showHidden: true }), inspect(error.cause, { depth: 20 })].join('\n');
      expect(everything).not.toContain(SECRET);
      expect(everything).not.toContain(KEY);
    }
    expect(inspect(logger.lines, { depth: 20 })).not.toMatch(new RegExp(`${SECRET}|${KEY}`));
  });
});

describe('the foreign client', () => {
  it('does throw the secret, so the tests above can fail', async () => {
    server.answer(answerHttp(500, ''));
    const raw = new RestClientV5({ key: KEY, secret: SECRET, baseUrl: server.restUrl }, { proxy: false });
    const thrown: unknown = await raw.getWalletBalance({ accountType: 'UNIFIED' }).catch((error: unknown) => error);
    expect(JSON.stringify(thrown)).toContain(SECRET);
  });
});

describe('an answer that says "already so"', () => {
  const refuse = (retCode: number): Answer => (_request, response) => { reply(response, retCode, {}); };
  it.each<[string, number, () => Promise<unknown>]>([
    ['cancelling an order that is gone', 110001, () => exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' })],
    ['cancelling a filled order', 110008, () => exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' })],
    ['cancelling a cancelled order', 110010, () => exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' })],
    ['setting the stop that is set', 34040, () => exchange.setProtection({ symbol: 'BTCUSDT', stopLoss: '1' as never })],
    ['setting the leverage that is set', 110043, () => exchange.setLeverage('BTCUSDT', '2' as never)],
    ['choosing the mode that is chosen', 110025, () => exchange.ensureOneWayMode('BTCUSDT')],
  ])('is success: %s (%i)', async (_name, retCode, call) => {
    server.answer(refuse(retCode));
    await call();
    expect(server.requests).toHaveLength(1);
  });

  it('is a failure for any other request', async () => {
    server.answer(refuse(34040));
    expect((await rejectionOf(exchange.setLeverage('BTCUSDT', '2' as never))).code).toBe(30004);
  });
});

describe('a duplicate link id', () => {
  const shown = { orderId: 'first', orderLinkId: entry().orderLinkId, symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', orderStatus: 'Filled', qty: '0.010', createdTime: '1', updatedTime: '2' };
  const duplicateThen = (list: unknown[]): Answer => (request, response) => {
    if (request.path === '/v5/order/create') reply(response, 110072, {}, { retMsg: 'OrderLinkedID is duplicate' });
    else reply(response, 0, { list });
  };

  it('means that the first request landed: its order is acknowledged', async () => {
    server.answer(duplicateThen([shown]));
    expect(await exchange.submitOrder(entry())).toEqual({ orderId: 'first', orderLinkId: entry().orderLinkId, alreadyKnown: true });
  });

  it('that the exchange does not show yet stays unknown', async () => {
    server.answer(duplicateThen([]));
    expect(await rejectionOf(exchange.submitOrder(exit()))).toMatchObject({ code: 20007, outcome: 'unknown', retryable: true, foreignCode: '110072' });
  });

  it('stays unknown when the look-up fails', async () => {
    server.answer((request, response) => {
      if (request.path === '/v5/order/create') reply(response, 110072, {});
      else response.destroy();
    });
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ code: 20007, outcome: 'unknown', retryable: true });
  });
});

describe('the time stamp', () => {
  const refusal = (serverMs: number): string => `invalid request, please check your server timestamp or recv_window param. req_timestamp[1],server_timestamp[${serverMs}],recv_window[5000]`;

  it('refused once is corrected from the refusal, and the request goes through', async () => {
    const skewMs = 30_000;
    server.answer((request, response) => {
      const timestamp = Number(request.headers['x-bapi-timestamp']);
      const serverMs = Date.now() + skewMs;
      if (Math.abs(timestamp - serverMs) > 5_000) reply(response, 10002, {}, { retMsg: refusal(serverMs) });
      else reply(response, 0, { orderId: 'o', orderLinkId: 'l' });
    });
    expect(await exchange.submitOrder(entry())).toMatchObject({ orderId: 'o', alreadyKnown: false });
    expect(server.requests).toHaveLength(2);
    await exchange.submitOrder(exit());
    expect(server.requests).toHaveLength(3);
  });

  it('refused again is an authentication failure', async () => {
    server.answer((_request, response) => { reply(response, 10002, {}, { retMsg: refusal(Date.now()) }); });
    expect(await rejectionOf(exchange.wallet())).toMatchObject({ code: 30002, foreignCode: '10002' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('the request budget', () => {
  it('learns the quota from the headers and waits for the reset after 10006', async () => {
    const answeredAtMs: number[] = [];
    server.answer((_request, response) => {
      answeredAtMs.push(Date.now());
      const headers = { 'X-Bapi-Limit': '50', 'X-Bapi-Limit-Status': '0', 'X-Bapi-Limit-Reset-Timestamp': String(Date.now() + 400) };
      if (answeredAtMs.length === 1) reply(response, 10006, {}, { retMsg: 'Too many visits!', headers });
      else reply(response, 0, { list: [{ coin: [] }] });
    });
    const error = await rejectionOf(exchange.wallet());
    expect(error).toMatchObject({ code: 30001, retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(200);
    await exchange.wallet();
    expect((answeredAtMs[1] ?? 0) - (answeredAtMs[0] ?? 0)).toBeGreaterThanOrEqual(390);
  });

  it('after HTTP 403 sends nothing but protective requests until the ban is over', async () => {
    await exchange.close();
    exchange = exchangeFor(server, { banMs: 60_000 });
    server.answer(answerHttp(403, 'access too frequent'));
    expect(await rejectionOf(exchange.wallet())).toMatchObject({ code: 30009, retryAfterMs: 60_000, retryable: true });
    expect((await rejectionOf(exchange.submitOrder(entry()))).code).toBe(30009);
    expect(server.requests).toHaveLength(1);
    server.answer((_request, response) => { reply(response, 0, { orderId: 'o', orderLinkId: 'l' }); });
    expect((await exchange.submitOrder(exit())).orderId).toBe('o');
  });
});

describe('the connection', () => {
  it('ignores the proxy of the environment', async () => {
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    try {
      server.answer((_request, response) => { reply(response, 0, { timeSecond: '1', timeNano: '1700000000123000000' }); });
      expect(await exchange.serverTime()).toBe(1_700_000_000_123);
    } finally {
      delete process.env['HTTP_PROXY'];
    }
  });

  it('is kept open between requests', async () => {
    server.answer((_request, response) => { reply(response, 0, { timeSecond: '1', timeNano: '1000000' }); });
    await exchange.serverTime();
    await exchange.serverTime();
    expect(server.requests.every((request) => request.headers.connection === 'keep-alive')).toBe(true);
  });

  it('counts calls, failures by code and latency of each endpoint', async () => {
    server.answer((_request, response) => { reply(response, 0, { timeSecond: '1', timeNano: '1000000' }); });
    await exchange.serverTime();
    await rejectionOf(exchange.wallet());
    server.answer(answerHttp(500, ''));
    await rejectionOf(exchange.serverTime());
    const { endpoints: statistics } = exchange.apiStatistics();
    expect(statistics.find(({ endpoint }) => endpoint === 'market/time')).toMatchObject({ calls: 2, errorsByCode: { 30003: 1 } });
    expect(statistics.find(({ endpoint }) => endpoint === 'market/time')?.latency?.max).toBeGreaterThan(0);
  });
});

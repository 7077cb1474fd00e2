/** What the adapter says of itself: budgets, quotas, latencies, failures. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallStatistics } from '../../../../adapters/bybit/call-statistics.js';
import { ENDPOINTS } from '../../../../adapters/bybit/endpoints.js';
import type { BybitExchange } from '../../../../adapters/bybit/exchange.js';
import { BYBIT_BUDGETS } from '../../../../adapters/bybit/options.js';
import { RequestCount } from '../../../../adapters/bybit/request-count.js';
import { processReportSchema } from '../../../../core/ports/process-report.js';
import { exchangeFor, rejectionOf } from './exchange-under-test.js';
import { answerHttp, reply, startScriptedExchange, type ScriptedExchange } from './scripted-exchange.js';

const time = { timeSecond: '1', timeNano: '1700000000123000000' };
const apiStatistics = processReportSchema.shape.apiStats.unwrap();

describe('the statistics of an endpoint', () => {
  it('are of the newest 1024 requests, so that an exchange that becomes slow shows at once', () => {
    const statistics = new CallStatistics(() => 5);
    const call = { endpoint: ENDPOINTS.wallet, transport: 'rest' } as const;
    for (let sent = 0; sent < 10_000; sent += 1) statistics.sent(call, 10, undefined);
    for (let sent = 0; sent < 1_024; sent += 1) statistics.sent(call, 500, undefined);
    expect(statistics.snapshot()).toEqual([
      { endpoint: 'account/wallet-balance', scope: 'read', calls: 11_024, shared: 0, refused: 0, errorsByCode: {}, latency: { count: 1_024, p50: 500, p95: 500, p99: 500, max: 500 }, lastCallAtMs: 5 },
    ]);
  });

  it('tell orders over the trade socket from those over REST', () => {
    const statistics = new CallStatistics(() => 0);
    statistics.sent({ endpoint: ENDPOINTS.createOrder, transport: 'socket' }, 1, 20001);
    statistics.sent({ endpoint: ENDPOINTS.createOrder, transport: 'rest' }, 2, undefined);
    expect(statistics.snapshot().map(({ endpoint, scope, errorsByCode }) => ({ endpoint, scope, errorsByCode }))).toEqual([
      { endpoint: 'order/create (socket)', scope: 'Order', errorsByCode: { 20001: 1 } }, { endpoint: 'order/create', scope: 'Order', errorsByCode: {} },
    ]);
  });
});

describe('the count of requests', () => {
  it('forgets what is older than its window, by seconds', () => {
    const count = new RequestCount();
    for (let second = 0; second < 200; second += 1) for (let sent = 0; sent < 3; sent += 1) count.add(second * 1_000 + sent);
    expect(count.within(60_000, 199_500)).toBe(180);
    expect(count.within(5_000, 199_500)).toBe(15);
    expect(count.within(60_000, 1_000_000)).toBe(0);
  });
});

describe('the adapter', () => {
  let server: ScriptedExchange;
  let exchange: BybitExchange;
  beforeEach(async () => {
    server = await startScriptedExchange();
    server.answer((_request, response) => { reply(response, 0, time); });
  });
  afterEach(async () => {
    await exchange.close();
    await server.stop();
  });

  it('shows the use and the headroom of its budgets, and of quotas as the exchange last stated them', async () => {
    exchange = exchangeFor(server, { httpBudgets: BYBIT_BUDGETS });
    server.answer((_request, response) => { reply(response, 110001, {}, { headers: { 'x-bapi-limit': '20', 'x-bapi-limit-status': '12', 'x-bapi-limit-reset-timestamp': '1700000000000' } }); });
    await exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' });
    const statistics = apiStatistics.parse(exchange.apiStatistics());
    expect(statistics.budgets).toEqual([
      { requests: 480, windowMs: 5_000, used: 1, headroom: 479, enforced: true }, { requests: 1_200, windowMs: 60_000, used: 1, headroom: 1_199, enforced: true },
    ]);
    expect(statistics.quotas).toEqual([{ endpoint: 'order/cancel', requestsPerSecond: 20, used: 8, headroom: 12 }]);
    expect(statistics).toMatchObject({ waiting: 0, bannedForMs: 0 });
  });

  it('counts against the same budgets where nobody is held back by them', async () => {
    exchange = exchangeFor(server);
    await Promise.all([exchange.serverTime(), exchange.serverTime()]);
    expect(exchange.apiStatistics().budgets).toEqual([
      { requests: 480, windowMs: 5_000, used: 2, headroom: 478, enforced: false }, { requests: 1_200, windowMs: 60_000, used: 2, headroom: 1_198, enforced: false },
    ]);
  });

  it('tells failures by code, refusals for want of a free request, and how long a ban lasts', async () => {
    exchange = exchangeFor(server, { httpBudgets: [{ requests: 2, windowMs: 60_000 }], maxWaitMs: 50, banMs: 30_000 });
    await exchange.serverTime();
    expect((await rejectionOf(exchange.serverTime())).code).toBe(30001);
    server.answer(answerHttp(403, '<html></html>'));
    await rejectionOf(exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'a' }));
    const { endpoints, bannedForMs } = exchange.apiStatistics();
    expect(endpoints).toEqual([
      expect.objectContaining({ endpoint: 'market/time', scope: 'public', calls: 1, refused: 1, errorsByCode: {} }),
      expect.objectContaining({ endpoint: 'order/cancel', scope: 'Order', calls: 1, refused: 0, errorsByCode: { 30009: 1 } }),
    ]);
    expect(bannedForMs).toBeGreaterThan(0);
  });
});

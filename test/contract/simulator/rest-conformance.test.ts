/** Conformance list of the Bybit facts, points 2, 3, 4 and 8, over plain HTTP with our own signing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { RawClient, sends, type Answer } from './client.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
const READER = { key: 'reader-key', secret: 'reader-secret', readOnly: true };
const BOUND = { key: 'bound-key', secret: 'bound-secret', ips: ['203.0.113.9'] };
const FUNDING_ONLY = { key: 'wallet-key', secret: 'wallet-secret', permissions: { ContractTrade: ['Position'], Wallet: [] } };

let simulator: Simulator;
let client: RawClient;

interface OrderList { list: { orderId: string; orderLinkId: string; orderStatus: string; qty: string }[]; nextPageCursor: string }

beforeAll(async () => {
  simulator = await startSimulator({ market: 'synthetic', speed: 'max', keys: [TRADER, READER, BOUND, FUNDING_ONLY], rateLimitScale: 100 });
  client = new RawClient(simulator.url, TRADER);
});
afterAll(() => simulator.close());

const as = (credentials: { key: string; secret: string }): RawClient => new RawClient(simulator.url, credentials);
const orderBody = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.001', ...more });

async function lastPrice(): Promise<number> {
  const answer = await client.getPublic<{ list: { lastPrice: string }[] }>('/v5/market/tickers?category=linear&symbol=BTCUSDT');
  return Number(answer.result.list[0]?.lastPrice);
}

describe('signature and raw bytes', () => {
  it('verifies the body as it was sent, extra spaces included', async () => {
    const raw = '{ "category" : "linear",  "symbol": "BTCUSDT", "buyLeverage": 7, "sellLeverage": 7 }';
    expect(await client.post('/v5/position/set-leverage', {}, { raw })).toMatchObject({ status: 200, retCode: 0 });
  });

  it('verifies the query as it was sent, encoded or not and in any order', async () => {
    expect((await client.get('/v5/order/realtime', 'symbol=BTCUSDT&category=linear')).retCode).toBe(0);
    expect((await client.get('/v5/order/realtime', 'settleCoin=USD%54&category=linear')).retCode).toBe(0);
  });

  it('accepts numbers where documents say text, null for absent, and a GET that names a JSON content type', async () => {
    const placed = await client.post('/v5/order/create', orderBody({ qty: 0.001, positionIdx: '0', price: null, reduceOnly: false, orderLinkId: null }));
    expect(placed.retCode).toBe(0);
    expect((await client.getPublic('/v5/market/time', { headers: { 'Content-Type': 'application/json' } })).retCode).toBe(0);
  });
});

describe('order of checks', () => {
  const wrong = { signature: '00', timestamp: 1 };

  it('names the key before the clock, the clock before the signature', async () => {
    expect((await as({ key: 'nobody', secret: 'x' }).get('/v5/account/info', '', wrong)).retCode).toBe(10003);
    expect((await client.get('/v5/account/info', '', wrong)).retCode).toBe(10002);
    expect((await client.get('/v5/account/info', '', { signature: '00' })).retCode).toBe(10004);
  });

  it('judges the signature before the address, the address before the permission', async () => {
    expect((await as(BOUND).get('/v5/account/info', '', { signature: '00' })).retCode).toBe(10004);
    expect((await as(BOUND).post('/v5/order/create', orderBody())).retCode).toBe(10010);
  });

  it('refuses trading to a read-only key and to one without the permission, before it looks at parameters', async () => {
    expect((await as(READER).post('/v5/order/create', {})).retCode).toBe(10005);
    expect((await as(FUNDING_ONLY).post('/v5/order/create', {})).retCode).toBe(10005);
    expect((await as(READER).get('/v5/account/info')).retCode).toBe(0);
  });

  it('accepts a timestamp inside the window and refuses one outside it, on both sides', async () => {
    const at = (offsetMs: number): Promise<Answer> => client.get('/v5/account/info', '', { timestamp: Date.now() + offsetMs });
    expect((await at(-3_000)).retCode).toBe(0);
    expect((await at(-6_000)).retCode).toBe(10002);
    expect((await at(3_000)).retCode).toBe(10002);
    expect((await client.get('/v5/account/info', '', { timestamp: Date.now() - 6_000, recvWindow: 20_000 })).retCode).toBe(0);
  });

  it('answers HTTP 401 where no key is given at all', async () => {
    expect(await client.getPublic('/v5/account/info')).toMatchObject({ status: 401, retCode: 10003 });
  });
});

describe('envelope and rate limits', () => {
  it('sends retExtInfo, result, time and the three limit headers with every answer, also with errors', async () => {
    for (const answer of [await client.get('/v5/account/info'), await client.get('/v5/account/info', '', { signature: '00' }), await client.getPublic('/v5/nothing')]) {
      expect(answer).toMatchObject({ retExtInfo: {}, result: expect.any(Object) as unknown, time: expect.any(Number) as unknown });
      for (const name of ['X-Bapi-Limit', 'X-Bapi-Limit-Status', 'X-Bapi-Limit-Reset-Timestamp']) expect(Number(answer.headers.get(name))).toBeGreaterThanOrEqual(0);
    }
  });

  it('answers an unknown path with HTTP 404 and 10017', async () => {
    expect(await client.getPublic('/v5/market/nothing')).toMatchObject({ status: 404, retCode: 10017 });
  });

  it('refuses what is above an endpoint\'s quota with 10006 and a reset that lies ahead, and counts endpoints apart', async () => {
    const limited = await startSimulator({ speed: 'max', keys: [TRADER], rateLimitScale: 0.1 });
    const trader = new RawClient(limited.url, TRADER);
    const answers = await Promise.all([trader.post('/v5/order/create', orderBody()), trader.post('/v5/order/create', orderBody())]);
    const refused = answers.filter((answer) => answer.retCode === 10006);
    expect(answers.filter((answer) => answer.retCode === 0)).toHaveLength(1);
    expect(refused).toHaveLength(1);
    expect(Number(refused[0]?.headers.get('X-Bapi-Limit-Reset-Timestamp'))).toBeGreaterThan(Date.now());
    expect((await trader.get('/v5/account/info')).retCode).toBe(0);
    await limited.close();
  });

  it('answers HTTP 403 when one address asks more often than its quota', async () => {
    const limited = await startSimulator({ speed: 'max', keys: [TRADER], rateLimitScale: 0.01 });
    const trader = new RawClient(limited.url, TRADER);
    const statuses = await Promise.all(Array.from({ length: 7 }, async () => (await trader.getPublic('/v5/market/time')).status));
    expect(statuses.filter((status) => status === 403)).toHaveLength(1);
    await limited.close();
  });
});

describe('orders', () => {
  it('keeps a link id for the life of the account, cancelled orders included', async () => {
    const limit = { orderType: 'Limit', price: String(Math.round(await lastPrice() * 0.9)), qty: '0.01', orderLinkId: 'once' };
    expect((await client.order(limit)).retCode).toBe(0);
    expect((await client.post('/v5/order/cancel', { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'once' })).retCode).toBe(0);
    expect((await client.order(limit)).retCode).toBe(110072);
  });

  it('shows a just closed order by id at once, and nothing for an unknown one', async () => {
    await client.order({ orderLinkId: 'at-once' });
    const found = await client.get<OrderList>('/v5/order/realtime', 'category=linear&symbol=BTCUSDT&orderLinkId=at-once');
    expect(found.result.list).toMatchObject([{ orderLinkId: 'at-once', orderStatus: 'Filled' }]);
    expect((await client.get<OrderList>('/v5/order/realtime', 'category=linear&symbol=BTCUSDT&orderLinkId=unheard-of')).result.list).toEqual([]);
  });

  it('lets the history lag behind by the configured market time', async () => {
    const lagging = await startSimulator({ speed: 'max', keys: [TRADER], historyLagMs: 60_000 });
    const trader = new RawClient(lagging.url, TRADER);
    await trader.order({ orderLinkId: 'late' });
    const history = async (): Promise<number> => (await trader.get<OrderList>('/v5/order/history', 'category=linear&symbol=BTCUSDT')).result.list.length;
    expect(await history()).toBe(0);
    await sends(lagging.url, '/sim/advance', { until: lagging.status().marketMs + 300_000 });
    expect(await history()).toBe(1);
    await lagging.close();
  });

  it('pages through every order once, with cursors a URL leaves alone', async () => {
    for (let index = 0; index < 7; index += 1) await client.order({ orderLinkId: `page-${index}`, qty: '0.001' });
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await client.get<OrderList>('/v5/order/history', `category=linear&symbol=BTCUSDT&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.result.list.map((order) => order.orderId));
      cursor = page.result.nextPageCursor;
      expect(cursor).toMatch(/^[A-Za-z0-9_-]*$/);
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(7);
  });

  it('refuses what cannot be read with 10001: limit above the maximum, foreign cursor, span above 7 days, other category', async () => {
    for (const query of ['category=linear&symbol=BTCUSDT&limit=51', 'category=linear&symbol=BTCUSDT&cursor=abc', `category=linear&startTime=1&endTime=${8 * 86_400_000}`, 'category=spot&symbol=BTCUSDT']) {
      expect((await client.get('/v5/order/history', query)).retCode, query).toBe(10001);
    }
    expect((await client.post('/v5/order/create', {}, { raw: '{"category":"linear",' })).retCode).toBe(10001);
  });
});

describe('the exchange\'s own words for nothing to do', () => {
  it('tells unchanged leverage, mode and stop apart from success', async () => {
    const symbol = { category: 'linear', symbol: 'ETHUSDT' };
    expect((await client.post('/v5/position/set-leverage', { ...symbol, buyLeverage: '3', sellLeverage: '3' })).retCode).toBe(0);
    expect((await client.post('/v5/position/set-leverage', { ...symbol, buyLeverage: '3', sellLeverage: '3' })).retCode).toBe(110043);
    expect((await client.post('/v5/position/switch-mode', { ...symbol, mode: 0 })).retCode).toBe(110025);
  });

  it('is reachable from loopback only', async () => {
    await expect(startSimulator({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 10002 });
  });
});

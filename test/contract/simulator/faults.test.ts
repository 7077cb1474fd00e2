/** Conformance list of the Bybit facts, point 9: every fault can be switched on, counted, and switched off. */
import { afterEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { RawClient, RawSocket, rowsOf, sends } from './client.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
let simulator: Simulator;
let client: RawClient;

async function start(rules: Record<string, unknown>[], seed = 1): Promise<void> {
  simulator = await startSimulator({ market: 'synthetic', speed: 'max', keys: [TRADER], rateLimitScale: 0 });
  client = new RawClient(simulator.url, TRADER);
  expect((await sends(simulator.url, '/sim/faults', { seed, rules })).status).toBe(200);
}
afterEach(() => simulator.close());

interface Book { orders: { orderLinkId: string; status: string; cumExecQty: string; qty: string }[]; duplicateLinkIdRefusals: number; executions: unknown[] }
const book = async (): Promise<Book> => (await sends(simulator.url, '/sim/book', undefined, 'GET')).body as unknown as Book;
const create = '/v5/order/create';

describe('faults of replies', () => {
  it('drops the reply of every third order after carrying it out', async () => {
    await start([{ kind: 'dropReply', endpoint: create, every: 3 }]);
    const outcomes: string[] = [];
    for (let index = 1; index <= 9; index += 1) {
      outcomes.push(await client.order({ orderLinkId: `d${index}`, qty: '0.001' }).then((answer) => String(answer.retCode), () => 'no reply'));
    }
    expect(outcomes).toEqual(['0', '0', 'no reply', '0', '0', 'no reply', '0', '0', 'no reply']);
    expect((await book()).orders.filter((order) => order.orderLinkId.startsWith('d'))).toHaveLength(9);
    expect((await client.order({ orderLinkId: 'd3', qty: '0.001' })).retCode).toBe(110072);
    expect((await book()).duplicateLinkIdRefusals).toBe(1);
  });

  it('answers 10000 although the order was placed, and 10016, 10006, 10002 without placing it', async () => {
    await start([
      { kind: 'retCode', endpoint: create, retCode: 10000, retMsg: 'Server Timeout', executed: true, limit: 1 },
      ...[10016, 10006, 10002].map((retCode) => ({ kind: 'retCode', endpoint: create, retCode, limit: 1 })),
    ]);
    for (const retCode of [10000, 10016, 10006, 10002, 0]) expect((await client.order({ orderLinkId: `c${retCode}` })).retCode).toBe(retCode);
    expect((await book()).orders.map((order) => order.orderLinkId)).toEqual(['c10000', 'c0']);
  });

  it('says when to come back with an injected 10006', async () => {
    await start([{ kind: 'retCode', retCode: 10006, limit: 1 }]);
    const answer = await client.get('/v5/account/info');
    expect(Number(answer.headers.get('X-Bapi-Limit-Reset-Timestamp'))).toBeGreaterThan(answer.time);
  });

  it('answers HTTP 403, 429, 500 and 503, and 200 without JSON', async () => {
    const statuses = [403, 429, 500, 503];
    await start([...statuses.map((status) => ({ kind: 'httpStatus', status, limit: 1 })), { kind: 'nonJson', limit: 1 }]);
    for (const status of [...statuses, 200]) {
      const response = await fetch(`${simulator.url}/v5/market/time`);
      expect(response.status).toBe(status);
      expect(await response.text()).toContain('<html>');
    }
    expect((await client.getPublic('/v5/market/time')).retCode).toBe(0);
  });

  it('delays a reply beyond the client\'s time-out while the order is already placed', async () => {
    await start([{ kind: 'delayReply', endpoint: create, delayMs: 3_600_000, limit: 1 }]);
    const pending = client.order({ orderLinkId: 'slow' }).catch(() => undefined);
    await expect.poll(async () => (await book()).orders.length).toBe(1);
    void pending;
  });

  it('fires with the seeded probability: the same seed gives the same run of failures', async () => {
    const run = async (seed: number): Promise<number[]> => {
      await start([{ kind: 'retCode', retCode: 10016, probability: 0.5 }], seed);
      const codes: number[] = [];
      for (let index = 0; index < 24; index += 1) codes.push((await client.get('/v5/account/info')).retCode);
      return codes;
    };
    const first = await run(7);
    await simulator.close();
    const again = await run(7);
    await simulator.close();
    const other = await run(8);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([0, 10016]));
  });
});

describe('faults of sockets', () => {
  it('drops the trade socket in the middle of an order that was placed', async () => {
    await start([{ kind: 'dropReply', endpoint: create, limit: 1 }]);
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/trade`, TRADER);
    socket.send({ reqId: '1', op: 'order.create', header: { 'X-BAPI-TIMESTAMP': Date.now() }, args: [{ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.001', orderLinkId: 'cut' }] });
    await socket.untilClosed();
    expect((await book()).orders).toMatchObject([{ orderLinkId: 'cut' }]);
  });

  it('cuts a private socket once', async () => {
    await start([]);
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/private`, TRADER);
    await sends(simulator.url, '/sim/faults', { rules: [{ kind: 'dropSocket', socket: 'private', limit: 1 }] });
    socket.send({ op: 'ping' });
    await socket.untilClosed();
    await RawSocket.authenticated(`${simulator.wsUrl}/v5/private`, TRADER);
  });

  it('silences a socket: no data, no pong of either kind, until it is over', async () => {
    await start([]);
    const socket = await RawSocket.open(`${simulator.wsUrl}/v5/public/linear`);
    await sends(simulator.url, '/sim/faults', { rules: [{ kind: 'silentSocket', socket: 'public', limit: 1, durationMs: 400 }] });
    let pongs = 0;
    socket.socket.on('pong', () => { pongs += 1; });
    const silencedAt = Date.now();
    socket.send({ op: 'ping', req_id: 'unheard' });
    socket.socket.ping();
    await expect.poll(() => {
      socket.send({ op: 'ping', req_id: 'heard' });
      return socket.frames.length;
    }, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(Date.now() - silencedAt).toBeGreaterThanOrEqual(400);
    expect(socket.frames.every((frame) => frame['req_id'] === 'heard')).toBe(true);
    expect(pongs).toBe(0);
  });
});

describe('faults of the account and the market', () => {
  it('fills in parts and cancels the rest of an immediate order', async () => {
    await start([{ kind: 'partialFills', maxParts: 4, cancelRemainder: true, limit: 1 }]);
    await client.order({ orderLinkId: 'parts', qty: '0.050' });
    const { orders, executions } = await book();
    expect(orders).toMatchObject([{ orderLinkId: 'parts', status: 'Cancelled' }]);
    expect(Number(orders[0]?.cumExecQty)).toBeLessThan(0.05);
    expect(executions.length).toBeGreaterThan(0);
  });

  it('announces maintenance, and refuses private requests meanwhile if told so', async () => {
    await start([{ kind: 'maintenance', refuse: true }]);
    const status = await client.getPublic<{ list: { state: string }[] }>('/v5/system/status');
    expect(status.result.list).toMatchObject([{ state: 'ongoing' }]);
    expect((await client.order({})).retCode).toBe(10016);
    await sends(simulator.url, '/sim/faults', undefined, 'DELETE');
    expect((await client.order({})).retCode).toBe(0);
    expect((await client.getPublic<{ list: unknown[] }>('/v5/system/status')).result.list).toEqual([]);
  });

  it('lets the price leap over a stop, which then fills where the price landed', async () => {
    await start([]);
    const ticker = await client.getPublic<{ list: { lastPrice: string }[] }>('/v5/market/tickers?category=linear&symbol=BTCUSDT');
    const last = Number(ticker.result.list[0]?.lastPrice);
    await client.order({ qty: '0.01', stopLoss: String(Math.round(last * 0.99)) });
    await sends(simulator.url, '/sim/jump', { symbol: 'BTCUSDT', price: String(Math.round(last * 0.95)) });
    const fills = await client.get<{ list: { stopOrderType: string; execPrice: string }[] }>('/v5/execution/list', 'category=linear&symbol=BTCUSDT');
    expect(fills.result.list[0]).toMatchObject({ stopOrderType: 'StopLoss' });
    expect(Number(fills.result.list[0]?.execPrice)).toBeLessThan(last * 0.951);
  });

  it('settles funding on command and tells of it on the execution topic', async () => {
    await start([]);
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/private`, TRADER);
    socket.send({ op: 'subscribe', req_id: 's', args: ['execution'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await client.order({ qty: '0.01' });
    await sends(simulator.url, '/sim/advance', { until: simulator.status().marketMs + 300_000 });
    await sends(simulator.url, '/sim/funding', { symbol: 'BTCUSDT', rate: '0.001' });
    const funding = await socket.frame((frame) => frame.topic === 'execution' && rowsOf(frame).some((row) => row['execType'] === 'Funding'));
    expect(Number(rowsOf(funding)[0]?.['execFee'])).toBeGreaterThan(0);
  });

  it('refuses a plan it does not understand and names what is wrong', async () => {
    await start([]);
    expect(await sends(simulator.url, '/sim/faults', { rules: [{ kind: 'gremlin' }] })).toMatchObject({ status: 400, body: { code: 10002 } });
  });
});

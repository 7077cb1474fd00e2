/** Conformance list of the Bybit facts, points 1, 5, 6 and 7: the three sockets on the one port. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { authFrame, RawClient, RawSocket, rowsOf, sends, type AnyFrame } from './client.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
let simulator: Simulator;
let client: RawClient;

beforeAll(async () => {
  simulator = await startSimulator({ market: 'synthetic', speed: 'max', keys: [TRADER], rateLimitScale: 100 });
  client = new RawClient(simulator.url, TRADER);
});
afterAll(() => simulator.close());

const socketAt = (path: string): Promise<RawSocket> => RawSocket.open(`${simulator.wsUrl}${path}`);
const order = (reqId: string, more: Record<string, unknown> = {}): unknown => ({
  reqId, op: 'order.create', header: { 'X-BAPI-TIMESTAMP': Date.now() },
  args: [{ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.001', ...more }],
});
const advance = (byMs: number): Promise<unknown> => sends(simulator.url, '/sim/advance', { until: simulator.status().marketMs + byMs });

describe('one port', () => {
  it.each(['/v5/public/linear', '/v5/private?max_active_time=60s', '/v5/trade?x=1'])('upgrades %s whatever the query and origin, and answers protocol pings', async (path) => {
    const { socket } = await socketAt(path);
    socket.ping('are you there');
    const [payload] = await once(socket, 'pong') as [Buffer];
    expect(payload.toString()).toBe('are you there');
    socket.terminate();
  });

  it('refuses to upgrade any other path', async () => {
    const socket = new WebSocket(`${simulator.wsUrl}/v5/public/spot`);
    const [error] = await once(socket, 'error') as [Error];
    expect(error.message).toContain('404');
  });
});

describe('pings and bad requests', () => {
  it('answers each socket\'s ping in that socket\'s own form', async () => {
    const answers = await Promise.all(['/v5/public/linear', '/v5/private', '/v5/trade'].map(async (path) => {
      const socket = await socketAt(path);
      socket.send({ op: 'ping', req_id: 'p' });
      return socket.frame((frame) => frame['ret_msg'] === 'pong' || frame.op === 'pong');
    }));
    expect(answers[0]).toMatchObject({ success: true, ret_msg: 'pong', op: 'ping', req_id: 'p' });
    expect(answers[1]).toMatchObject({ op: 'pong', req_id: 'p', args: [expect.any(String)] });
    expect(answers[2]).toMatchObject({ retCode: 0, retMsg: 'OK', op: 'pong', data: [expect.any(String)] });
  });

  it('refuses an unknown topic, a private topic without auth, and text that is no frame, always with an op', async () => {
    const open = await socketAt('/v5/public/linear');
    open.send({ op: 'subscribe', req_id: '1', args: ['kline.7.BTCUSDT'] });
    expect(await open.frame((frame) => frame['req_id'] === '1')).toMatchObject({ success: false, op: 'subscribe' });
    open.socket.send('not json');
    expect(await open.frame((frame) => frame['req_id'] === '')).toMatchObject({ success: false, op: '' });
    const closed = await socketAt('/v5/private');
    closed.send({ op: 'subscribe', req_id: '2', args: ['order'] });
    expect(await closed.frame((frame) => frame['req_id'] === '2')).toMatchObject({ success: false });
  });
});

describe('authentication', () => {
  it('verifies in order: auth and subscribe may follow each other without waiting', async () => {
    const socket = await socketAt('/v5/private');
    socket.send(authFrame(TRADER));
    socket.send({ op: 'subscribe', req_id: 's', args: ['order', 'wallet'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    expect(socket.frames.map((frame) => [frame.op, frame['success']])).toEqual([['auth', true], ['subscribe', true]]);
  });

  it('refuses a wrong signature and an expired one', async () => {
    const socket = await socketAt('/v5/private');
    socket.send({ ...authFrame(TRADER) as AnyFrame, args: [TRADER.key, Date.now() + 5_000, '00'] });
    expect(await socket.frame((frame) => frame.op === 'auth')).toMatchObject({ success: false });
    const late = await socketAt('/v5/trade');
    late.send(authFrame(TRADER, Date.now() - 1));
    expect(await late.frame((frame) => frame.op === 'auth')).toMatchObject({ retCode: 10004 });
  });

  it('answers a second auth on the trade socket with 20001 and keeps the socket', async () => {
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/trade`, TRADER);
    socket.send(authFrame(TRADER));
    expect(await socket.frame((frame) => frame['retCode'] === 20001)).toMatchObject({ op: 'auth' });
    socket.send(order('after'));
    expect(await socket.frame((frame) => frame['reqId'] === 'after')).toMatchObject({ retCode: 0 });
  });
});

describe('trade socket', () => {
  it('refuses orders before auth, stale timestamps and repeated request ids', async () => {
    const stranger = await socketAt('/v5/trade');
    stranger.send(order('1'));
    expect(await stranger.frame((frame) => frame['reqId'] === '1')).toMatchObject({ retCode: 10003 });
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/trade`, TRADER);
    socket.send({ ...order('2') as AnyFrame, header: { 'X-BAPI-TIMESTAMP': String(Date.now() - 60_000) } });
    expect(await socket.frame((frame) => frame['reqId'] === '2')).toMatchObject({ retCode: 10002 });
    socket.send(order('3'));
    await socket.frame((frame) => frame['reqId'] === '3' && frame['retCode'] === 0);
    socket.send(order('3'));
    expect(await socket.frame((frame) => frame['retCode'] === 20006)).toMatchObject({ reqId: '3' });
  });

  it('acknowledges with ids, limits and the request\'s id, and shares the link ids with REST', async () => {
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/trade`, TRADER);
    socket.send(order('a', { orderLinkId: 'shared' }));
    expect(await socket.frame((frame) => frame['reqId'] === 'a')).toMatchObject({
      retCode: 0, op: 'order.create', data: { orderLinkId: 'shared', orderId: expect.any(String) as unknown }, header: { 'X-Bapi-Limit': expect.any(String) as unknown },
    });
    expect((await client.order({ orderLinkId: 'shared' })).retCode).toBe(110072);
  });
});

describe('private topics', () => {
  it('tells of an order only after it was acknowledged', async () => {
    const slow = await startSimulator({ speed: 'max', keys: [TRADER], ackDelayMs: 500 });
    const socket = await RawSocket.authenticated(`${slow.wsUrl}/v5/private`, TRADER);
    socket.send({ op: 'subscribe', req_id: 's', args: ['order'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await new RawClient(slow.url, TRADER).order({});
    expect(socket.frames.filter((frame) => frame.topic !== undefined)).toEqual([]);
    await socket.frame((frame) => frame.topic === 'order');
    await slow.close();
  });

  it('sends order, execution, position and wallet of a fill with one sequence', async () => {
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/private`, TRADER);
    socket.send({ op: 'subscribe', req_id: 's', args: ['order', 'execution', 'position', 'wallet'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await client.order({ symbol: 'ETHUSDT', qty: '0.1', orderLinkId: 'told' });
    const execution = await socket.frame((frame) => frame.topic === 'execution');
    const position = await socket.frame((frame) => frame.topic === 'position' && rowsOf(frame).some((row) => row['size'] === '0.1'));
    const wallet = await socket.frame((frame) => frame.topic === 'wallet');
    expect(await socket.frame((frame) => frame.topic === 'order' && rowsOf(frame).some((row) => row['orderStatus'] === 'Filled'))).toMatchObject({ creationTime: simulator.status().marketMs });
    expect(rowsOf(execution)[0]).toMatchObject({ category: 'linear', orderLinkId: 'told', execType: 'Trade', isMaker: false });
    expect(rowsOf(position)[0]).toMatchObject({ side: 'Buy', entryPrice: rowsOf(execution)[0]?.['execPrice'], seq: rowsOf(execution)[0]?.['seq'] });
    expect(rowsOf(wallet)[0]).toMatchObject({ accountType: 'UNIFIED' });
  });

  it('sends only what was subscribed, and nothing after unsubscribing', async () => {
    const socket = await RawSocket.authenticated(`${simulator.wsUrl}/v5/private`, TRADER);
    socket.send({ op: 'subscribe', req_id: 's', args: ['execution.linear'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await client.order({});
    await socket.frame((frame) => frame.topic === 'execution.linear');
    socket.send({ op: 'unsubscribe', req_id: 'u', args: ['execution.linear'] });
    await socket.frame((frame) => frame['req_id'] === 'u');
    await client.order({});
    await advance(300_000);
    await socket.settled();
    expect(socket.frames.filter((frame) => frame.topic !== undefined).map((frame) => frame.topic)).toEqual(['execution.linear']);
  });
});

describe('public topics', () => {
  it('starts ticker and book with a snapshot, then tells changes that add up to the book of REST', async () => {
    const socket = await socketAt('/v5/public/linear');
    socket.send({ op: 'subscribe', req_id: 's', args: ['tickers.SOLUSDT', 'orderbook.50.SOLUSDT', 'publicTrade.SOLUSDT'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await advance(900_000);
    await socket.settled();
    const tickers = socket.frames.filter((frame) => frame.topic === 'tickers.SOLUSDT');
    expect(tickers[0]).toMatchObject({ type: 'snapshot' });
    expect(tickers.slice(1).every((frame) => frame['type'] === 'delta')).toBe(true);
    const rest = await client.getPublic<{ b: [string, string][]; a: [string, string][] }>('/v5/market/orderbook?category=linear&symbol=SOLUSDT&limit=50');
    const book = socket.frames.filter((frame) => frame.topic === 'orderbook.50.SOLUSDT').reduce(applyBook, { b: new Map<string, string>(), a: new Map<string, string>() });
    expect(book.a).toEqual(new Map(rest.result.a));
    expect(book.b).toEqual(new Map(rest.result.b));
    expect(socket.frames.some((frame) => frame.topic === 'publicTrade.SOLUSDT')).toBe(true);
  });

  it('confirms each closed candle once, equal to what REST lists, before the next one opens', async () => {
    const socket = await socketAt('/v5/public/linear');
    socket.send({ op: 'subscribe', req_id: 's', args: ['kline.5.BTCUSDT', 'kline.15.BTCUSDT'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    await advance(6 * 300_000);
    await socket.settled();
    for (const interval of ['5', '15']) {
      const shown = socket.frames.filter((frame) => frame.topic === `kline.${interval}.BTCUSDT`).flatMap(rowsOf);
      const closed = shown.filter((row) => row['confirm'] === true);
      expect(closed).toHaveLength(interval === '5' ? 6 : 2);
      const rest = await client.getPublic<{ list: string[][] }>(`/v5/market/kline?category=linear&symbol=BTCUSDT&interval=${interval}&limit=7`);
      for (const candle of closed) {
        const { start, open, high, low, close, volume, turnover } = candle as Record<string, string>;
        expect(rest.result.list).toContainEqual([String(start), open, high, low, close, volume, turnover]);
        const later = shown.slice(shown.indexOf(candle) + 1);
        expect(later.some((row) => row['start'] === candle['start'])).toBe(false);
      }
    }
  });

  it('cuts an idle private socket', async () => {
    const short = await startSimulator({ speed: 'max', keys: [TRADER], socketIdleMs: 100 });
    const socket = await RawSocket.open(`${short.wsUrl}/v5/private`);
    await socket.untilClosed();
    await short.close();
  });
});

type Sides = { b: Map<string, string>; a: Map<string, string> };

function applyBook(book: Sides, frame: AnyFrame): Sides {
  const data = frame.data as { b: [string, string][]; a: [string, string][] };
  const next = frame['type'] === 'snapshot' ? { b: new Map<string, string>(), a: new Map<string, string>() } : book;
  for (const side of ['b', 'a'] as const) {
    for (const [price, size] of data[side]) {
      if (size !== '0') next[side].set(price, size);
      else if (!next[side].delete(price)) throw new Error(`the book deletes ${price}, which it never named`);
    }
  }
  return next;
}

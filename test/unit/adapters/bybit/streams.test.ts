/** Streams against a scripted peer: the traps that only show when the peer misbehaves. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BybitExchange } from '../../../../adapters/bybit/exchange.js';
import type { BybitExchangeOptions } from '../../../../adapters/bybit/options.js';
import { isBotError } from '../../../../core/errors/bot-error.js';
import { exchangeFor, KEY, rememberingLogger } from './exchange-under-test.js';
import { recorded } from './fixture.js';
import { politeSocket, startScriptedExchange, type ScriptedExchange } from './scripted-exchange.js';
import { recorder } from './stream-recorder.js';

const QUICK = { pingIntervalMs: 100, pongTimeoutMs: 100, reconnectDelayMs: 30, maxReconnectDelayMs: 200, confirmTimeoutMs: 500 };

let server: ScriptedExchange;
let exchange: BybitExchange;
let logger: ReturnType<typeof rememberingLogger>;

function open(options: Partial<BybitExchangeOptions> = {}): BybitExchange {
  logger = rememberingLogger();
  exchange = exchangeFor(server, { socketTimings: QUICK, requestTimeoutMs: 300, logger, ...options });
  return exchange;
}

beforeEach(async () => { server = await startScriptedExchange(); });
afterEach(async () => {
  await exchange.close();
  await server.stop();
});

const push = (frame: unknown): void => { for (const socket of server.sockets()) socket.send(JSON.stringify(frame)); };
const BTC_5 = [{ symbol: 'BTCUSDT', interval: '5' as const }];

describe('a market stream', () => {
  it('is connected when the exchange confirmed its topics, and tells closed candles only', async () => {
    const seen = recorder();
    const stream = open().openMarketStream(BTC_5, seen.handlers);
    expect(stream.lastMessageAtMs()).toBe(0);
    await vi.waitFor(() => { expect(seen.states).toEqual(['connecting', 'connected']); });
    expect(server.openedSockets).toEqual(['/v5/public/linear']);
    push(recorded('stream-kline'));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(seen.events[0]).toEqual(['candle', {
      symbol: 'BTCUSDT', interval: '5', startMs: 1_735_809_900_000, open: '64249.5', high: '64300', low: '64200', close: '64250.1', volume: '27.13', turnover: '1743211.2345',
    }]);
    expect(stream.lastMessageAtMs()).toBeGreaterThan(Date.now() - 5_000);
  });

  it('comes back to the same address with its topics after the socket drops', async () => {
    const seen = recorder();
    open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    for (let drop = 1; drop <= 3; drop += 1) {
      for (const socket of server.sockets()) socket.terminate();
      await vi.waitFor(() => { expect(seen.states).toHaveLength(2 + 2 * drop); expect(seen.states.at(-1)).toBe('connected'); });
    }
    expect(seen.states).toEqual(['connecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'connected', 'reconnecting', 'connected']);
    expect(new Set(server.openedSockets)).toEqual(new Set(['/v5/public/linear']));
  });

  it('finds out by unanswered pings that a silent socket is dead', async () => {
    const seen = recorder();
    let isSilent = false;
    server.onFrame((frame, socket, path) => { if (!isSilent) politeSocket(frame, socket, path); });
    open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    isSilent = true;
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('reconnecting'); });
    isSilent = false;
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    expect(server.openedSockets.length).toBeGreaterThan(1);
  });

  it('opens a new connection when the subscription is never confirmed', async () => {
    const seen = recorder();
    let subscriptions = 0;
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'subscribe' && (subscriptions += 1) === 1) return;
      politeSocket(frame, socket, path);
    });
    open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states).toEqual(['connecting', 'reconnecting', 'connected']); }, { timeout: 3_000 });
  });

  it('ends with 30004 when the exchange refuses a topic', async () => {
    const seen = recorder();
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'subscribe') socket.send(JSON.stringify({ success: false, ret_msg: 'error:handler not found', op: 'subscribe', conn_id: 'c', req_id: frame['req_id'] }));
      else politeSocket(frame, socket, path);
    });
    open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.failures).toHaveLength(1); });
    expect(seen.failures[0]).toMatchObject({ code: 30004, message: expect.stringContaining('handler not found') });
    expect(seen.states.at(-1)).toBe('closed');
    await vi.waitFor(() => { expect(server.sockets()).toHaveLength(0); });
    expect(server.openedSockets).toHaveLength(1);
  });

  it('waits longer after each failed connection', async () => {
    const seen = recorder();
    const openedAtMs: number[] = [];
    open({ socketTimings: { ...QUICK, reconnectDelayMs: 50, maxReconnectDelayMs: 5_000 } }).openMarketStream(BTC_5, seen.handlers);
    server.onFrame((_frame, socket) => { openedAtMs.push(Date.now()); socket.terminate(); });
    await vi.waitFor(() => { expect(openedAtMs.length).toBeGreaterThanOrEqual(5); }, { timeout: 10_000 });
    const pauses = openedAtMs.slice(1).map((openedMs, index) => openedMs - (openedAtMs[index] ?? 0));
    expect(pauses[3] ?? 0).toBeGreaterThan((pauses[0] ?? 0) * 3);
  });

  it('connects as soon as a server appears that was not there', async () => {
    const seen = recorder();
    const { wsUrl, restUrl } = server;
    await server.stop();
    logger = rememberingLogger();
    exchange = exchangeFor({ wsUrl, restUrl }, { socketTimings: QUICK, logger });
    exchange.openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states).toContain('reconnecting'); });
    server = await startScriptedExchange(Number(new URL(restUrl).port));
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); }, { timeout: 5_000 });
  });

  it('tells nothing and opens nothing after it was closed', async () => {
    const seen = recorder();
    const stream = open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    for (const socket of server.sockets()) socket.terminate();
    await vi.waitFor(() => { expect(seen.states).toContain('reconnecting'); });
    await stream.close();
    await vi.waitFor(() => { expect(server.sockets()).toHaveLength(0); });
    const opened = server.openedSockets.length;
    const other = recorder();
    exchange.openMarketStream(BTC_5, other.handlers);
    await vi.waitFor(() => { expect(other.states.at(-1)).toBe('connected'); });
    for (const socket of server.sockets()) socket.terminate();
    await vi.waitFor(() => { expect(other.states.filter((state) => state === 'connected')).toHaveLength(2); });
    expect(seen.states.at(-1)).toBe('closed');
    expect(server.openedSockets).toHaveLength(opened + 2);
  });

  it('reports a frame it cannot read, and goes on', async () => {
    const seen = recorder();
    open().openMarketStream(BTC_5, seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    push({ topic: 'kline.5.BTCUSDT', data: [{ start: 1, open: 'NaN', confirm: true }] });
    push(recorded('stream-kline'));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(seen.failures).toHaveLength(1);
    expect(seen.failures[0]).toMatchObject({ code: 40010 });
    expect(seen.states.at(-1)).toBe('connected');
  });
});

describe('the account stream', () => {
  it('tells orders, executions, positions and wallet in the bot\'s terms', async () => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    for (const name of ['order', 'execution', 'position', 'wallet']) push(recorded(`stream-${name}`));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(4); });
    expect(seen.failures).toEqual([]);
    const [orders, executions, positions, wallet] = seen.events;
    expect(orders).toMatchObject(['orders', [{ orderLinkId: 'BTCUSDT-t1-e0', status: 'Rejected', stopLoss: '62000' }]]);
    expect(executions).toMatchObject(['executions', [{ execMs: 1_735_809_771_621, fee: '0.17668777' }, { execMs: 1_735_809_771_622, fee: '0.17668778' }]]);
    expect(positions).toMatchObject(['positions', [{ symbol: 'BTCUSDT', avgPrice: '64250.1', size: '0.01', liquidationPrice: '33000.1' }]]);
    expect(wallet).toMatchObject(['wallet', { walletBalance: '9994.93778901', available: '9673.35678901', asOfMs: 1_735_809_771_650 }]);
  });

  it('leaves out what belongs to other products of the account', async () => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    push(recorded('stream-order'));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(seen.events[0]?.[1]).toHaveLength(1);
  });

  it('takes a change of another coin for no news of USDT', async () => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    push({ topic: 'wallet', id: '1', creationTime: 1, data: [{ accountType: 'UNIFIED', totalAvailableBalance: '5', coin: [{ coin: 'BTC', equity: '1', walletBalance: '1', unrealisedPnl: '0' }] }] });
    push(recorded('stream-wallet'));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(seen.events[0]).toMatchObject(['wallet', { walletBalance: '9994.93778901' }]);
  });

  it('reports what a handler throws instead of losing it', async () => {
    const seen = recorder();
    open().openAccountStream({ ...seen.handlers, positions: () => { throw new Error('the handler broke'); } });
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    push(recorded('stream-position'));
    push(recorded('stream-wallet'));
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(seen.failures.map(({ message }) => message)).toEqual(['the handler broke']);
  });

  it('logs an order that was rejected after its acknowledgement under our code', async () => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    push(recorded('stream-order'));
    await vi.waitFor(() => { expect(logger.lines.find(({ fields }) => fields['rejectReason'] === 'EC_ReachRiskPriceLimit')?.fields['code']).toBe(20008); });
  });

  it.each(['UNKNOWN', 'CancelByUser'])('logs a stop order that ends before its position (%s) as a failed stop (20006)', async (cancelType) => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    const frame = recorded('stream-order') as { data: Record<string, unknown>[] };
    push({ ...frame, data: frame.data.map((row) => ({ ...row, orderStatus: 'Deactivated', stopOrderType: 'StopLoss', cancelType })) });
    await vi.waitFor(() => { expect(logger.lines.map(({ fields }) => fields['code'])).toContain(20006); });
  });

  it.each(['CancelByTpSlTsClear', 'CancelByOCOSlCanceledByTpTriggered'])('does not take a stop that ends with its position (%s) for a failed one', async (cancelType) => {
    const seen = recorder();
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); });
    const frame = recorded('stream-order') as { data: Record<string, unknown>[] };
    push({ ...frame, data: frame.data.map((row) => ({ ...row, orderStatus: 'Deactivated', stopOrderType: 'StopLoss', cancelType })) });
    await vi.waitFor(() => { expect(seen.events).toHaveLength(1); });
    expect(logger.lines.map(({ fields }) => fields['code'])).not.toContain(20006);
  });

  it('ends with 30002 when the key is refused, instead of waiting for ever', async () => {
    const seen = recorder();
    server.onFrame((frame, socket) => { socket.send(JSON.stringify({ success: false, ret_msg: `API key is invalid. ${KEY}`, op: frame['op'], conn_id: 'c' })); });
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.failures).toHaveLength(1); });
    const [failure] = seen.failures;
    expect(isBotError(failure) && failure.code).toBe(30002);
    expect(String(failure)).not.toContain(KEY);
    expect(seen.states.at(-1)).toBe('closed');
    await vi.waitFor(() => { expect(server.sockets()).toHaveLength(0); });
  });

  it('opens a new connection when the authentication is never answered', async () => {
    const seen = recorder();
    let authentications = 0;
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'auth' && (authentications += 1) === 1) return;
      politeSocket(frame, socket, path);
    });
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states).toEqual(['connecting', 'reconnecting', 'connected']); }, { timeout: 3_000 });
  });

  it('authenticates again after the socket dropped in the middle of it', async () => {
    const seen = recorder();
    let authentications = 0;
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'auth' && (authentications += 1) === 1) socket.terminate();
      else politeSocket(frame, socket, path);
    });
    open().openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.states.at(-1)).toBe('connected'); }, { timeout: 3_000 });
    expect(authentications).toBe(2);
  });

  it('goes to its own path, beside the market stream', async () => {
    const [market, account] = [recorder(), recorder()];
    open().openMarketStream(BTC_5, market.handlers);
    exchange.openAccountStream(account.handlers);
    await vi.waitFor(() => { expect([market.states.at(-1), account.states.at(-1)]).toEqual(['connected', 'connected']); });
    expect(new Set(server.openedSockets)).toEqual(new Set(['/v5/public/linear', '/v5/private']));
  });
});

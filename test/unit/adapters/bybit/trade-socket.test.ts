/** The trade socket against a scripted peer: what bybit-api leaves open must not leave an order in the dark. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBybitExchange, type BybitExchange } from '../../../../adapters/bybit/exchange.js';
import type { BybitExchangeOptions } from '../../../../adapters/bybit/options.js';
import { entry, exchangeFor, KEY, rejectionOf, rememberingLogger, SECRET } from './exchange-under-test.js';
import { politeSocket, reply, startScriptedExchange, type ScriptedExchange } from './scripted-exchange.js';

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

describe('the trade socket', () => {
  const ordersByRest = () => server.requests.filter(({ path }) => path === '/v5/order/create').length;
  const authenticated = () => vi.waitFor(() => { expect(logger.lines.some(({ message }) => message.includes('Websocket connected'))).toBe(true); expect(server.openedSockets).toContain('/v5/trade'); });

  /** Sends until an order took the wanted way: the socket authenticates in its own time. */
  async function untilBySocket(): Promise<void> {
    server.answer((_request, response) => { reply(response, 0, { orderId: 'by-rest', orderLinkId: 'l' }); });
    await vi.waitFor(async () => { expect((await exchange.submitOrder(entry())).orderId).toBe('by-socket'); });
  }

  it('takes orders once it is authenticated; before that they go by REST', async () => {
    server.answer((_request, response) => { reply(response, 0, { orderId: 'by-rest', orderLinkId: 'l' }); });
    open({ orderTransport: 'socket' });
    expect((await exchange.submitOrder(entry())).orderId).toBe('by-rest');
    await untilBySocket();
  });

  it('that refuses the key is not used, although the client reports it as authenticated', async () => {
    let orders = 0;
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'auth') socket.send(JSON.stringify({ retCode: 10004, retMsg: 'error sign', op: 'auth', connId: 'c' }));
      else { if (frame['op'] === 'order.create') orders += 1; politeSocket(frame, socket, path); }
    });
    server.answer((_request, response) => { reply(response, 0, { orderId: 'by-rest', orderLinkId: 'l' }); });
    open({ orderTransport: 'socket' });
    await authenticated();
    await vi.waitFor(() => { expect(logger.lines.some(({ fields }) => fields['code'] === 30002 && fields['foreignCode'] === '10004')).toBe(true); });
    expect((await exchange.submitOrder(entry())).orderId).toBe('by-rest');
    expect(orders).toBe(0);
  });

  it('without an answer leaves the outcome unknown, in time', async () => {
    open({ orderTransport: 'socket' });
    await untilBySocket();
    const restBefore = ordersByRest();
    server.onFrame((frame, socket, path) => { if (frame['op'] !== 'order.create') politeSocket(frame, socket, path); });
    const startedMs = Date.now();
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ code: 20007, outcome: 'unknown', foreignCode: 'NO_REPLY' });
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    expect(ordersByRest()).toBe(restBefore);
  });

  it('that drops while an order is under way leaves the outcome unknown, and the order is not sent again', async () => {
    open({ orderTransport: 'socket' });
    await untilBySocket();
    let orders = 0;
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'order.create') { orders += 1; socket.terminate(); } else politeSocket(frame, socket, path);
    });
    expect(await rejectionOf(exchange.submitOrder(entry()))).toMatchObject({ code: 20007, outcome: 'unknown', foreignCode: 'CONNECTION_LOST' });
    await vi.waitFor(() => { expect(server.openedSockets.filter((path) => path === '/v5/trade')).toHaveLength(2); });
    expect(orders).toBe(1);
  });

  it('that is down is no obstacle: orders go by REST until it is back', async () => {
    open({ orderTransport: 'socket', socketTimings: { ...QUICK, reconnectDelayMs: 100 } });
    await untilBySocket();
    for (const socket of server.sockets()) socket.terminate();
    await vi.waitFor(async () => { expect((await exchange.submitOrder(entry())).orderId).toBe('by-rest'); });
    await untilBySocket();
  });

  it.each([[110007, 20001, 'definite'], [20003, 30001, 'definite'], [10016, 20007, 'unknown'], [10000, 20007, 'unknown']])(
    'refusing with %i has code %i and an outcome that is %s', async (retCode, code, outcome) => {
      open({ orderTransport: 'socket' });
      await untilBySocket();
      server.onFrame((frame, socket, path) => {
        if (frame['op'] === 'order.create') socket.send(JSON.stringify({ reqId: frame['reqId'], retCode, retMsg: `no ${SECRET}`, op: 'order.create', data: {}, header: {}, connId: 'c' }));
        else politeSocket(frame, socket, path);
      });
      const error = await rejectionOf(exchange.submitOrder(entry()));
      expect(error).toMatchObject({ code, outcome, foreignCode: String(retCode) });
      expect(String(error) + JSON.stringify(error)).not.toContain(SECRET);
    },
  );

  it('that refuses the time stamp leaves the order to REST, which corrects the clock for both', async () => {
    open({ orderTransport: 'socket' });
    await untilBySocket();
    const skewMs = 20_000;
    const isLate = (timestamp: unknown): boolean => Math.abs(Number(timestamp) - Date.now() - skewMs) > 5_000;
    const words = () => `invalid request, please check your server timestamp or recv_window param. req_timestamp[1],server_timestamp[${Date.now() + skewMs}],recv_window[5000]`;
    server.onFrame((frame, socket, path) => {
      const header = frame['header'] as Record<string, string> | undefined;
      if (frame['op'] === 'order.create' && isLate(header?.['X-BAPI-TIMESTAMP'])) socket.send(JSON.stringify({ reqId: frame['reqId'], retCode: 10002, retMsg: words(), op: 'order.create', data: {}, header: {}, connId: 'c' }));
      else politeSocket(frame, socket, path);
    });
    server.answer((request, response) => {
      if (isLate(request.headers['x-bapi-timestamp'])) reply(response, 10002, {}, { retMsg: words() });
      else reply(response, 0, { orderId: 'by-rest', orderLinkId: 'l' });
    });
    expect((await exchange.submitOrder(entry())).orderId).toBe('by-rest');
    expect((await exchange.submitOrder(entry())).orderId).toBe('by-socket');
  });

  it('that answers a duplicate link id acknowledges the order that landed', async () => {
    open({ orderTransport: 'socket' });
    await untilBySocket();
    server.onFrame((frame, socket, path) => {
      if (frame['op'] === 'order.create') socket.send(JSON.stringify({ reqId: frame['reqId'], retCode: 110072, retMsg: 'duplicate', op: 'order.create', data: {}, header: {}, connId: 'c' }));
      else politeSocket(frame, socket, path);
    });
    const shown = { orderId: 'first', orderLinkId: entry().orderLinkId, symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', orderStatus: 'New', qty: '1', createdTime: '1', updatedTime: '1' };
    server.answer((_request, response) => { reply(response, 0, { list: [shown] }); });
    expect(await exchange.submitOrder(entry())).toEqual({ orderId: 'first', orderLinkId: entry().orderLinkId, alreadyKnown: true });
  });

  it('does not exist in demo mode, so orders go by REST and the log says so', () => {
    logger = rememberingLogger();
    exchange = createBybitExchange({
      mode: 'demo', key: KEY, secret: SECRET, recvWindowMs: 5_000, requestTimeoutMs: 300, orderTransport: 'socket', logger, now: () => Date.now(),
    });
    expect(logger.lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('Demo trading has no trade socket'));
  });

  it('shows neither key nor secret in the log', async () => {
    open({ orderTransport: 'socket' });
    await untilBySocket();
    for (const socket of server.sockets()) socket.terminate();
    await vi.waitFor(() => { expect(server.openedSockets.length).toBeGreaterThan(1); });
    expect(JSON.stringify(logger.lines)).not.toMatch(new RegExp(`${KEY}|${SECRET}`));
  });
});

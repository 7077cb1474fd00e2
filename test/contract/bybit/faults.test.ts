/** Every way in which the simulated exchange can fail, and what the bot is told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import type { FaultRule } from '../../../simulator/faults/fault-rule.js';
import { buy, MARKET_START_MS, openVenue, rejectionOf, sell, type Venue } from './simulated-venue.js';

const CREATE = '/v5/order/create';
const WALLET = '/v5/account/wallet-balance';

let venue: Venue;
beforeEach(async () => { venue = await openVenue({ adapter: { requestTimeoutMs: 300 } }); });
afterEach(() => venue.stop());

describe('an order whose answer is lost', () => {
  it.each<[string, Partial<FaultRule>]>([
    ['the reply is dropped after the execution', { kind: 'dropReply' }],
    ['the reply comes after the time-out', { kind: 'delayReply', delayMs: 1_000 }],
    ['the server says that it timed out, but it placed the order', { kind: 'retCode', retCode: 10000, executed: true }],
    ['a proxy answers with an error although the order was placed', { kind: 'httpStatus', status: 502, executed: true }],
    ['a page comes instead of the answer although the order was placed', { kind: 'nonJson', executed: true }],
  ])('is found by its link id, and never doubled: %s', async (_name, rule) => {
    const order = buy();
    await venue.fail({ ...rule, endpoint: CREATE, limit: 1 });
    expect(await rejectionOf(venue.exchange.submitOrder(order))).toMatchObject({ code: 20007, outcome: 'unknown', retryable: true });
    expect(await venue.exchange.findOrder(order)).toMatchObject({ status: 'Filled', orderLinkId: order.orderLinkId });
    expect(await venue.exchange.submitOrder(order)).toMatchObject({ orderLinkId: order.orderLinkId, alreadyKnown: true });
    expect(await venue.exchange.positions()).toMatchObject([{ size: order.qty }]);
  });

  it.each<[string, Partial<FaultRule>]>([
    ['the request is cut before it is carried out', { kind: 'dropReply', executed: false }],
    ['the server is out of service', { kind: 'retCode', retCode: 10016 }],
    ['HTTP 503', { kind: 'httpStatus', status: 503 }],
    ['HTTP 200 with a page', { kind: 'nonJson' }],
  ])('and that was not placed can be sent again: %s', async (_name, rule) => {
    const order = buy();
    await venue.fail({ ...rule, endpoint: CREATE, limit: 1 });
    expect(await rejectionOf(venue.exchange.submitOrder(order))).toMatchObject({ code: 20007, outcome: 'unknown' });
    expect(await venue.exchange.findOrder(order)).toBeNull();
    expect(await venue.exchange.submitOrder(order)).toMatchObject({ alreadyKnown: false });
    expect(await venue.exchange.positions()).toMatchObject([{ size: order.qty }]);
  });

  it('on every third of sixty leaves no double and no orphan', async () => {
    await venue.fail({ kind: 'dropReply', endpoint: CREATE, every: 3 });
    const sent: string[] = [];
    for (let round = 0; round < 30; round += 1) {
      for (const order of [buy(), sell()]) {
        const known = await venue.exchange.submitOrder(order).catch((error: unknown) => { expect(error).toMatchObject({ outcome: 'unknown' }); return venue.exchange.findOrder(order); });
        expect(known?.orderLinkId).toBe(order.orderLinkId);
        sent.push(order.orderLinkId);
      }
    }
    await venue.heal();
    const executions = await venue.exchange.executions({ fromMs: MARKET_START_MS });
    expect(executions.map(({ orderLinkId }) => orderLinkId)).toEqual(sent);
    expect(await venue.exchange.positions()).toEqual([]);
  });
});

describe('a refused request', () => {
  it.each<[string, Partial<FaultRule>, ErrorCode]>([
    ['rate', { kind: 'retCode', retCode: 10006 }, 30001],
    ['key', { kind: 'retCode', retCode: 10003 }, 30002],
    ['permission', { kind: 'retCode', retCode: 10005 }, 30010],
    ['HTTP 403', { kind: 'httpStatus', status: 403 }, 30009],
    ['HTTP 429', { kind: 'httpStatus', status: 429 }, 30001],
    ['clock', { kind: 'retCode', retCode: 10002 }, 30002],
  ])('for %s was not carried out and says so', async (_name, rule, code) => {
    const order = buy();
    await venue.fail({ ...rule, endpoint: CREATE, limit: 1 });
    expect(await rejectionOf(venue.exchange.submitOrder(order))).toMatchObject({ code, outcome: 'definite' });
  });

  it.each<[string, Partial<FaultRule>, ErrorCode]>([
    ['dropped reply', { kind: 'dropReply' }, 30003], ['late reply', { kind: 'delayReply', delayMs: 1_000 }, 30005], ['10016', { kind: 'retCode', retCode: 10016 }, 30003],
    ['10000', { kind: 'retCode', retCode: 10000 }, 30005], ['HTTP 500', { kind: 'httpStatus', status: 500 }, 30003], ['HTTP 503 with a page', { kind: 'httpStatus', status: 503 }, 30006],
    ['page instead of JSON', { kind: 'nonJson' }, 30003], ['maintenance', { kind: 'maintenance', refuse: true }, 30006],
  ])('of a read by %s has its code, and the next one succeeds', async (_name, rule, code) => {
    await venue.fail(rule.kind === 'maintenance' ? rule : { ...rule, endpoint: WALLET, limit: 1 });
    expect(await rejectionOf(venue.exchange.wallet())).toMatchObject({ code, outcome: 'definite' });
    await venue.heal();
    expect((await venue.exchange.wallet()).walletBalance).toBe('10000');
  });

  it('for its rate is not sent again before the reset', async () => {
    await venue.fail({ kind: 'retCode', retCode: 10006, endpoint: WALLET, limit: 1 });
    const error = await rejectionOf(venue.exchange.wallet());
    expect(error.retryAfterMs).toBeGreaterThan(500);
    const startedMs = Date.now();
    await venue.exchange.wallet();
    expect(Date.now() - startedMs).toBeGreaterThan(500);
  });

  it('never comes from the exchange\'s own limits, because the adapter waits first', async () => {
    const strict = await openVenue({ simulator: { rateLimitScale: 1 } });
    try {
      await Promise.all(Array.from({ length: 25 }, () => strict.exchange.cancelOrder({ symbol: 'BTCUSDT', orderLinkId: 'never-sent' })));
      expect(strict.exchange.apiStatistics().endpoints.find(({ endpoint }) => endpoint === 'order/cancel')).toMatchObject({ calls: 25, errorsByCode: {} });
    } finally {
      await strict.stop();
    }
  });

  it('for a wrong key or a wrong signature is an authentication failure', async () => {
    expect(await rejectionOf(venue.connect({ key: 'unknown' }).wallet())).toMatchObject({ code: 30002, foreignCode: '10003' });
    expect(await rejectionOf(venue.connect({ secret: 'wrong' }).wallet())).toMatchObject({ code: 30002, foreignCode: '10004' });
  });

  it('for reading only is missing a permission', async () => {
    const readOnly = await openVenue({ simulator: { keys: [{ key: 'reader', secret: 'of-everything', readOnly: true }] } });
    try {
      expect((await readOnly.exchange.apiKey()).readOnly).toBe(true);
      expect((await rejectionOf(readOnly.exchange.submitOrder(buy()))).code).toBe(30010);
    } finally {
      await readOnly.stop();
    }
  });
});

describe('a history that lags', () => {
  it('does not hide an order from the look-up by its id', async () => {
    await venue.fail({ kind: 'lateHistory', lagMs: 3_600_000 });
    const order = buy();
    await venue.exchange.submitOrder(order);
    expect((await venue.exchange.findOrder(order))?.status).toBe('Filled');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { ENDPOINTS, type Endpoint } from '../../../../adapters/bybit/endpoints.js';
import type { CallKind } from '../../../../adapters/bybit/errors/call-kind.js';
import { BYBIT_BUDGETS } from '../../../../adapters/bybit/options.js';
import { createRateLimiter, type RateLimiter } from '../../../../adapters/bybit/rate-limiter.js';
import { rejectionOf } from './exchange-under-test.js';

let limiter: RateLimiter;
const elapsed = (): number => performance.now();

function limiterWith(options: { maxWaitMs?: number; budgets?: { requests: number; windowMs: number }[] } = {}): RateLimiter {
  limiter = createRateLimiter({ maxWaitMs: 2_000, budgets: [], clock: elapsed, ...options });
  return limiter;
}

/** A request that is answered at once. */
const ask = async (kind: CallKind, endpoint: Endpoint = ENDPOINTS.createOrder): Promise<void> => { (await limiter.acquire({ endpoint, kind, transport: 'rest' }))(); };
const askTimes = (times: number, kind: CallKind): Promise<void[]> => Promise.all(Array.from({ length: times }, () => ask(kind)));

afterEach(() => { limiter.close(); });

describe('the rate limiter', () => {
  it('lets ten orders pass at once and the eleventh a second later', async () => {
    limiterWith();
    const startedMs = elapsed();
    await askTimes(10, 'entry');
    expect(elapsed() - startedMs).toBeLessThan(900);
    await ask('entry');
    expect(elapsed() - startedMs).toBeGreaterThanOrEqual(1_000);
  });

  it('lets nobody pass while as many requests are under way as the quota allows', async () => {
    limiterWith({ maxWaitMs: 1_500 });
    const permits = await Promise.all(Array.from({ length: 10 }, () => limiter.acquire({ endpoint: ENDPOINTS.createOrder, kind: 'entry', transport: 'rest' })));
    const refused = rejectionOf(ask('entry'));
    expect((await refused).code).toBe(30001);
    for (const permit of permits) permit();
    await ask('entry');
  });

  it('serves exits before entries that waited longer', async () => {
    limiterWith({ budgets: [{ requests: 10, windowMs: 300 }] });
    await Promise.all(Array.from({ length: 10 }, () => ask('exit', ENDPOINTS.wallet)));
    const order: string[] = [];
    await Promise.all([ask('read', ENDPOINTS.wallet).then(() => order.push('read')), ask('entry').then(() => order.push('entry')), ask('exit').then(() => order.push('exit'))]);
    expect(order[0]).toBe('exit');
    expect(order.at(-1)).toBe('read');
  });

  it('keeps a part of the budget that reads cannot use up', async () => {
    limiterWith({ budgets: [{ requests: 10, windowMs: 60_000 }] });
    await Promise.all(Array.from({ length: 8 }, () => ask('read', ENDPOINTS.wallet)));
    expect((await rejectionOf(ask('read', ENDPOINTS.wallet))).code).toBe(30001);
    await ask('entry');
    expect((await rejectionOf(ask('entry'))).code).toBe(30001);
    await ask('exit');
  });

  it('refuses at once with 30001 and the waiting time when the wait would be too long', async () => {
    limiterWith({ maxWaitMs: 800 });
    await askTimes(10, 'entry');
    const startedMs = elapsed();
    const error = await rejectionOf(ask('entry'));
    expect(elapsed() - startedMs).toBeLessThan(700);
    expect(error).toMatchObject({ code: 30001, retryable: true, outcome: 'definite' });
    expect(error.retryAfterMs).toBeGreaterThan(500);
  });

  it('does not keep anyone waiting beyond the limit when others go first', async () => {
    limiterWith({ maxWaitMs: 300, budgets: [{ requests: 2, windowMs: 200 }] });
    await askTimes(2, 'exit');
    const read = rejectionOf(ask('read', ENDPOINTS.wallet));
    const exits = Promise.allSettled([askTimes(2, 'exit'), askTimes(2, 'exit')]);
    expect((await read).code).toBe(30001);
    await exits;
  });

  it('stops an endpoint until the reset the exchange named, and no other endpoint', async () => {
    limiterWith();
    limiter.report(ENDPOINTS.createOrder, { capacity: 10, remaining: 0, resetAfterMs: 900 }, { exceeded: true });
    const startedMs = elapsed();
    await ask('read', ENDPOINTS.wallet);
    expect(elapsed() - startedMs).toBeLessThan(800);
    await ask('entry');
    expect(elapsed() - startedMs).toBeGreaterThanOrEqual(900);
  });

  it('does not wait for a reset that only a wrong clock can mean', async () => {
    limiterWith({ maxWaitMs: 100 });
    limiter.report(ENDPOINTS.createOrder, { capacity: 10, remaining: 0, resetAfterMs: 86_400_000 }, { exceeded: true });
    expect((await rejectionOf(ask('entry'))).retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  it('sends only protective requests while the address is banned', async () => {
    limiterWith();
    limiter.ban(60_000);
    const error = await rejectionOf(ask('read', ENDPOINTS.wallet));
    expect(error).toMatchObject({ code: 30009, retryable: true });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect((await rejectionOf(ask('entry'))).code).toBe(30009);
    await ask('exit');
    await ask('cancel', ENDPOINTS.cancelOrder);
  });

  it('tells those who wait when a ban begins', async () => {
    limiterWith();
    await askTimes(10, 'entry');
    const waiting = rejectionOf(ask('entry'));
    limiter.ban(1_000);
    expect((await waiting).code).toBe(30009);
  });

  it('admits nobody after it was closed', async () => {
    limiterWith();
    limiter.close();
    expect((await rejectionOf(ask('exit'))).code).toBe(30003);
  });

  it('lets nobody wait for a closed client', async () => {
    limiterWith();
    await askTimes(10, 'entry');
    const waiting = rejectionOf(ask('entry'));
    limiter.close();
    expect((await waiting).code).toBe(30003);
  });

  it('stays inside the exchange\'s 600 requests in 5 s and the operator\'s 1200 a minute', () => {
    expect(BYBIT_BUDGETS).toContainEqual({ requests: 1_200, windowMs: 60_000 });
    expect(BYBIT_BUDGETS.some((budget) => budget.windowMs === 5_000 && budget.requests <= 600)).toBe(true);
  });
});

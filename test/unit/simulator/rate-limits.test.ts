import { describe, expect, it } from 'vitest';
import { RateLimits } from '../../../simulator/server/rate-limits.js';

describe('rate limits', () => {
  it('allow 10 orders in any second, not 10 per calendar second', () => {
    const limits = new RateLimits(1);
    for (let use = 0; use < 10; use += 1) expect(limits.take('/v5/order/create', 1_900 + use)).toMatchObject({ exceeded: false, remaining: 9 - use });
    expect(limits.take('/v5/order/create', 2_100)).toMatchObject({ exceeded: true, remaining: 0 });
    expect(limits.take('/v5/order/create', 2_900)).toMatchObject({ exceeded: false });
  });

  it('name a reset at least 100 ms ahead of any refusal', () => {
    const limits = new RateLimits(1);
    for (let use = 0; use < 10; use += 1) limits.take('/v5/order/create', 1_000);
    expect(limits.take('/v5/order/create', 1_999).resetMs).toBeGreaterThanOrEqual(2_099);
  });

  it('allow an address 600 requests in 5 seconds', () => {
    const limits = new RateLimits(1);
    for (let use = 0; use < 600; use += 1) expect(limits.admits('127.0.0.1', use)).toBe(true);
    expect(limits.admits('127.0.0.1', 600)).toBe(false);
    expect(limits.admits('127.0.0.2', 600)).toBe(true);
    expect(limits.admits('127.0.0.1', 5_000)).toBe(true);
  });
});

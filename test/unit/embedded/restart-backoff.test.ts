import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextRestart, type BackoffState } from '../../../embedded/supervisor/restart-backoff.js';

test('the first death is answered at once, the next ones ever later, up to half a minute', () => {
  let state: BackoffState = { deaths: 0 };
  const delays: number[] = [];
  for (let death = 0; death < 9; death += 1) {
    const next = nextRestart(state, 1_000);
    state = next.state;
    delays.push(next.delayMs);
  }
  expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('a part that served for half a minute starts from nothing again', () => {
  expect(nextRestart({ deaths: 7 }, 30_000)).toEqual({ state: { deaths: 1 }, delayMs: 0 });
});

test('the delay is never negative and never above the cap, however often a part dies', () => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(10_000_000), (deaths, servedMs) => {
    const { delayMs } = nextRestart({ deaths }, servedMs);
    expect(delayMs).toBeGreaterThanOrEqual(0);
    expect(delayMs).toBeLessThanOrEqual(30_000);
  }));
});

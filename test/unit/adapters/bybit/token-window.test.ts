import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenWindow } from '../../../../adapters/bybit/token-window.js';

const SEED = Date.now();

/** Takes tokens as fast as the window allows, with pauses in between, each answered at once; returns the instants. */
function takeAll(window: TokenWindow, pausesMs: readonly number[], share = 1): number[] {
  let nowMs = 0;
  return pausesMs.map((pauseMs) => {
    nowMs = window.availableAtMs(nowMs + pauseMs, share);
    window.take().answeredMs = nowMs;
    return nowMs;
  });
}

function mostInOneWindow(instants: readonly number[], windowMs: number): number {
  return Math.max(...instants.map((start) => instants.filter((instant) => instant >= start && instant < start + windowMs).length));
}

describe('a window of tokens', () => {
  it(`never lets more than its capacity pass in any window, seed ${SEED}`, () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 500 }), fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 80 }),
      (capacity, windowMs, pausesMs) => mostInOneWindow(takeAll(new TokenWindow(capacity, windowMs), pausesMs), windowMs) <= capacity,
    ), { seed: SEED });
  });

  it(`never delays a request that the window has room for, seed ${SEED}`, () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10 }), (capacity) => {
      const instants = takeAll(new TokenWindow(capacity, 1_000), Array.from({ length: capacity }, () => 0));
      return instants.every((instant) => instant === 0);
    }), { seed: SEED });
  });

  it('counts from the answer, because only then it is certain that the exchange has counted', () => {
    const window = new TokenWindow(1, 1_000);
    const token = window.take();
    expect(window.availableAtMs(5_000)).toBe(6_000);
    token.answeredMs = 5_500;
    expect(window.availableAtMs(6_000)).toBe(6_500);
  });

  it('keeps what is beyond the share for those who may use all of it', () => {
    const window = new TokenWindow(10, 1_000);
    takeAll(window, Array.from({ length: 8 }, () => 0), 0.8);
    expect(window.availableAtMs(0, 0.8)).toBe(1_000);
    expect(window.availableAtMs(0, 1)).toBe(0);
  });

  it('believes the exchange when it says that less is left than we know of', () => {
    const window = new TokenWindow(10, 1_000);
    window.observe(0, { capacity: 10, remaining: 0 });
    expect(window.availableAtMs(0)).toBe(1_000);
  });

  it('does not take back a token because the exchange has not seen our request yet', () => {
    const window = new TokenWindow(2, 1_000);
    takeAll(window, [0, 0]);
    window.observe(0, { capacity: 2, remaining: 2 });
    expect(window.availableAtMs(0)).toBe(1_000);
  });

  it('follows a raised quota', () => {
    const window = new TokenWindow(1, 1_000);
    takeAll(window, [0]);
    window.observe(0, { capacity: 20, remaining: 19 });
    expect(window.availableAtMs(0)).toBe(0);
  });

  it('stays closed until the reset', () => {
    const window = new TokenWindow(10, 1_000);
    window.closeUntil(700);
    expect(window.availableAtMs(100)).toBe(700);
  });
});

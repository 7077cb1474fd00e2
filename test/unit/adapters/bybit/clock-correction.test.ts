import { describe, expect, it } from 'vitest';
import { createClockCorrection, MAX_CORRECTION_MS } from '../../../../adapters/bybit/clock-correction.js';

const NOW_MS = 1_700_000_000_000;
const refusal = (serverMs: number): string => `invalid request, please check your server timestamp or recv_window param. req_timestamp[${NOW_MS}],server_timestamp[${serverMs}],recv_window[5000]`;

describe('the clock correction', () => {
  it('is nothing before the exchange complained', () => {
    expect(createClockCorrection(() => NOW_MS).offsetMs()).toBe(0);
  });

  it.each([-8_000, 12_345])('learns a difference of %i ms from the refusal itself', (differenceMs) => {
    const clock = createClockCorrection(() => NOW_MS);
    expect(clock.learn(refusal(NOW_MS + differenceMs))).toBe(true);
    expect(clock.offsetMs()).toBe(differenceMs);
  });

  it('leaves a host alone whose clock is minutes off', () => {
    const clock = createClockCorrection(() => NOW_MS);
    expect(clock.learn(refusal(NOW_MS + MAX_CORRECTION_MS + 1))).toBe(false);
    expect(clock.offsetMs()).toBe(0);
  });

  it('learns nothing from words without a time', () => {
    expect(createClockCorrection(() => NOW_MS).learn('invalid request')).toBe(false);
  });
});

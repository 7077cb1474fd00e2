import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentilesOf } from '../../../../core/latency/percentiles.js';

describe('percentiles', () => {
  it('of nothing are unknown', () => {
    expect(percentilesOf([])).toBeNull();
  });

  it('of one measurement are that measurement', () => {
    expect(percentilesOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  });

  it('of 1 to 1000 in any order are 500, 950, 990 and 1000', () => {
    const shuffled = Array.from({ length: 1_000 }, (_, index) => ((index * 7) % 1_000) + 1);
    expect(percentilesOf(shuffled)).toEqual({ count: 1_000, p50: 500, p95: 950, p99: 990, max: 1_000 });
  });

  it('are measured values in ascending order, with at least that share of the sample not above them', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }), (sample) => {
      const result = percentilesOf(sample);
      if (result === null) throw new Error('a sample has percentiles');
      const shown = [result.p50, result.p95, result.p99, result.max];
      expect(shown.every((value) => sample.includes(value))).toBe(true);
      expect([...shown].sort((one, other) => one - other)).toEqual(shown);
      for (const [share, value] of [[0.5, result.p50], [0.95, result.p95], [0.99, result.p99], [1, result.max]] as const) {
        expect(sample.filter((measured) => measured <= value).length / sample.length).toBeGreaterThanOrEqual(share);
      }
    }));
  });
});

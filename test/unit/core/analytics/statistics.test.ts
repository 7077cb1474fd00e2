import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downsideDeviation, mean, standardDeviation, sum } from '../../../../core/analytics/statistics.js';
import { Decimal } from '../../../../core/money/decimal.js';

const decimals = (...values: (number | string)[]): Decimal[] => values.map((value) => new Decimal(value));

describe('statistics of decimals', () => {
  it('sums without the noise of binary fractions', () => {
    expect(sum(decimals('0.1', '0.2', '-0.3')).toFixed()).toBe('0');
  });
  it('knows the population from the sample', () => {
    const values = decimals(2, 4, 4, 4, 5, 5, 7, 9);
    expect(standardDeviation(values, 0)?.toFixed()).toBe('2');
    expect(standardDeviation(values, 1)?.pow(2).toDecimalPlaces(20).toFixed()).toBe(new Decimal(32).div(7).toDecimalPlaces(20).toFixed());
  });
  it('of equal values is exactly zero, whatever the value', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer({ min: 2, max: 30 }), (value, count) => {
      expect(standardDeviation(Array.from({ length: count }, () => new Decimal(value)), 1)?.toNumber()).toBeCloseTo(0, 20);
    }));
  });
  it('has no value where there are too few', () => {
    expect([mean([]), standardDeviation([], 0), standardDeviation(decimals(1), 1), downsideDeviation([])]).toEqual([null, null, null, null]);
    expect(standardDeviation(decimals(1), 0)?.toNumber()).toBe(0);
  });
  it('downside counts what rose as zero', () => {
    expect(downsideDeviation(decimals(3, -4, 5, 1))?.toNumber()).toBe(2);
  });
});

/** Percentiles by nearest rank: every figure shown is one that was measured, none is interpolated. */

export interface Percentiles {
  /** how many measurements the figures are of */
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** In the unit of the sample; null of an empty one. With less than a hundred measurements p99 is the largest of them. */
export function percentilesOf(sample: ArrayLike<number>): Percentiles | null {
  const ascending = Float64Array.from(sample).sort();
  const count = ascending.length;
  if (count === 0) return null;
  const at = (percent: number): number => ascending[Math.ceil((percent * count) / 100) - 1] ?? Number.NaN;
  return { count, p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}

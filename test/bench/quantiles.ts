/** Quantiles by nearest rank: every figure shown is one that was measured. */

/** Throws for an empty sample: a figure without a measurement must not appear anywhere. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError('a quantile of nothing');
  return value;
}

export const p50 = (sample: readonly number[]): number => quantile(sample, 0.5);
export const p99 = (sample: readonly number[]): number => quantile(sample, 0.99);
export const largest = (sample: readonly number[]): number => quantile(sample, 1);

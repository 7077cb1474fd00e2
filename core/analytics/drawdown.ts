/**
 * The deepest fall of a balance from an earlier peak.
 *
 * Invariants
 * 1. A fall is never negative; a balance that never falls has a fall of zero at its first point.
 * 2. Of equally deep falls the first counts, from the first time that its peak was reached.
 */
import { ZERO, type Decimal } from '../money/decimal.js';

export interface BalancePoint {
  atMs: number;
  /** USDT */
  balance: Decimal;
}

export interface Fall {
  /** USDT from peak to trough */
  absolute: Decimal;
  /** part of the peak that was lost; 0.1 is 10 % */
  ratio: Decimal;
  peakMs: number;
  troughMs: number;
}

/** The deepest by USDT or by the part of the peak; null without points, or when the first balance is not above zero. */
export function deepestFall(points: readonly BalancePoint[], by: 'absolute' | 'ratio'): Fall | null {
  const [first] = points;
  if (first === undefined || first.balance.lte(0)) return null;
  let peak = first;
  let low = first.balance;
  let deepest: Fall = { absolute: ZERO, ratio: ZERO, peakMs: first.atMs, troughMs: first.atMs };
  for (const point of points) {
    if (point.balance.gt(peak.balance)) {
      peak = point;
      low = point.balance;
    }
    // Only a new low below the same peak can be deeper; a division for every point would cost more than all the rest.
    if (point.balance.gte(low)) continue;
    low = point.balance;
    const absolute = peak.balance.minus(point.balance);
    const fall = { absolute, ratio: absolute.div(peak.balance), peakMs: peak.atMs, troughMs: point.atMs };
    if (fall[by].gt(deepest[by])) deepest = fall;
  }
  return deepest;
}

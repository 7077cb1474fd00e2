/** Candle intervals in Bybit's own notation (minutes, or D). Source: Bybit V5 docs, enum `interval`. W and M have no fixed length and are not traded. */
export const INTERVALS = ['1', '3', '5', '15', '30', '60', '120', '240', '360', '720', 'D'] as const;
export type Interval = (typeof INTERVALS)[number];

const MINUTE_MS = 60_000;

export function intervalMs(interval: Interval): number {
  return interval === 'D' ? 1440 * MINUTE_MS : Number(interval) * MINUTE_MS;
}

/** The latest boundary of the interval at or before the instant (ms since epoch, UTC). */
export function boundaryAtOrBefore(instantMs: number, interval: Interval): number {
  const length = intervalMs(interval);
  return Math.floor(instantMs / length) * length;
}

export function isBoundary(instantMs: number, interval: Interval): boolean {
  return instantMs % intervalMs(interval) === 0;
}

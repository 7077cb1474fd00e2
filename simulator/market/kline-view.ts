/** Candles of any interval as an exchange lists them: newest first, the forming one included, nothing of the future. */
import { boundaryAtOrBefore, intervalMs, type Interval } from '../../core/market/interval.js';
import { AggregatedSeries, aggregate, type Bar, type BarSeries } from './candle-series.js';
import type { KlineQuery } from './public-market.js';

export interface Present {
  nowMs: number;
  /** the base candle in the making; undefined when the market is over */
  forming: Bar | undefined;
}

export class KlineView {
  private readonly closed: AggregatedSeries;

  constructor(private readonly series: BarSeries) {
    this.closed = new AggregatedSeries(series);
  }

  /** Is the interval a multiple of the base candle? */
  serves(interval: Interval): boolean {
    return intervalMs(interval) % this.series.stepMs === 0;
  }

  list(query: KlineQuery, present: Present): Bar[] {
    const lengthMs = intervalMs(query.interval);
    const newestMs = boundaryAtOrBefore(Math.min(query.endMs ?? present.nowMs, present.nowMs), query.interval);
    const oldestMs = Math.max(query.startMs ?? this.series.firstMs, this.series.firstMs);
    const bars: Bar[] = [];
    for (let startMs = newestMs; startMs >= oldestMs && bars.length < query.limit; startMs -= lengthMs) {
      const bar = this.at(startMs, query.interval, present);
      if (bar !== undefined) bars.push(bar);
    }
    return bars;
  }

  /** The candle that starts at the instant, as far as it is known now. */
  at(startMs: number, interval: Interval, present: Present): Bar | undefined {
    if (startMs + intervalMs(interval) <= present.nowMs) return this.closed.at(startMs, interval);
    const parts = this.closed.parts(startMs, Math.min(present.nowMs - this.series.stepMs + 1, present.forming?.startMs ?? Infinity));
    return aggregate(startMs, present.forming === undefined ? parts : [...parts, present.forming]);
  }
}

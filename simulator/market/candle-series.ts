/**
 * A gapless series of candles of one symbol, kept as one short text per candle so that months of history cost megabytes.
 * Longer intervals are aggregated from it on demand and remembered once they are closed.
 *
 * Invariants
 * 1. Candle k starts at `firstMs + k × stepMs`; there is no gap.
 * 2. An aggregated candle is the exact decimal aggregate of its parts: first open, highest high, lowest low, last close, sums.
 */
import { Decimal, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import { intervalMs, type Interval } from '../../core/market/interval.js';

/** One candle without its symbol and interval. */
export interface Bar {
  startMs: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  volume: DecimalString;
  turnover: DecimalString;
}

/** Turnover is not recorded: volume × (open + high + low + close) / 4 stands for it (market data README). */
export function estimatedTurnover(bar: Pick<Bar, 'open' | 'high' | 'low' | 'close' | 'volume'>): DecimalString {
  const sum = new Decimal(bar.open).plus(bar.high).plus(bar.low).plus(bar.close);
  return toDecimalString(sum.times(bar.volume).div(4).toDecimalPlaces(8));
}

/** The aggregate of consecutive bars, or undefined of none. */
export function aggregate(startMs: number, bars: readonly Bar[]): Bar | undefined {
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (bars.length === 1) return { ...first, startMs };
  return {
    startMs,
    open: first.open,
    high: toDecimalString(Decimal.max(...bars.map((bar) => bar.high))),
    low: toDecimalString(Decimal.min(...bars.map((bar) => bar.low))),
    close: last.close,
    volume: toDecimalString(Decimal.sum(...bars.map((bar) => bar.volume))),
    turnover: toDecimalString(Decimal.sum(...bars.map((bar) => bar.turnover))),
  };
}

/** Where base bars come from: recorded rows, a generator, or an upstream exchange. */
export interface BarSeries {
  readonly stepMs: number;
  /** start of the oldest bar, ms */
  readonly firstMs: number;
  /** start of the newest bar, ms; Infinity when the series never ends */
  readonly lastMs: number;
  at(startMs: number): Bar | undefined;
}

const RECENT_BARS_MAX = 600;

/** Recorded bars, appended in time order. */
export class RecordedSeries implements BarSeries {
  private readonly rows: string[] = [];
  /** bars in use, parsed: a step looks at the same few again and again */
  private readonly recent = new Map<number, Bar>();
  firstMs = 0;

  constructor(readonly stepMs: number) {}

  get lastMs(): number {
    return this.firstMs + (this.rows.length - 1) * this.stepMs;
  }

  append(startMs: number, values: readonly string[]): void {
    if (this.rows.length === 0) this.firstMs = startMs;
    this.rows.push(values.join(','));
  }

  /** Moves all bars in time, so that history can be played as now. */
  shift(byMs: number): void {
    this.recent.clear();
    this.firstMs += byMs;
  }

  at(startMs: number): Bar | undefined {
    const index = (startMs - this.firstMs) / this.stepMs;
    const known = this.recent.get(index);
    if (known !== undefined) return known;
    const row = this.rows[index];
    if (row === undefined) return undefined;
    if (this.recent.size >= RECENT_BARS_MAX) this.recent.clear();
    const bar = barOf(row, startMs);
    this.recent.set(index, bar);
    return bar;
  }
}

function barOf(row: string, startMs: number): Bar {
  const [open, high, low, close, volume] = row.split(',').map(toDecimalString) as [DecimalString, DecimalString, DecimalString, DecimalString, DecimalString];
  const bar = { startMs, open, high, low, close, volume };
  return { ...bar, turnover: estimatedTurnover(bar) };
}

const REMEMBERED_BARS_MAX = 20_000;

/** Closed candles of any interval that is a multiple of the base step, aggregated once each. */
export class AggregatedSeries {
  private readonly closed = new Map<string, Bar>();

  constructor(private readonly base: BarSeries) {}

  /** The closed candle of the interval that starts at the instant; undefined when part of it is not in the series. */
  at(startMs: number, interval: Interval): Bar | undefined {
    const lengthMs = intervalMs(interval);
    if (lengthMs === this.base.stepMs) return this.base.at(startMs);
    const key = `${interval}:${startMs}`;
    const known = this.closed.get(key);
    if (known !== undefined) return known;
    const parts = this.parts(startMs, startMs + lengthMs);
    if (parts.length !== lengthMs / this.base.stepMs) return undefined;
    const bar = aggregate(startMs, parts);
    if (bar !== undefined) this.remember(key, bar);
    return bar;
  }

  /** Base bars that start in [fromMs, toMs). */
  parts(fromMs: number, toMs: number): Bar[] {
    const bars: Bar[] = [];
    for (let startMs = fromMs; startMs < toMs; startMs += this.base.stepMs) {
      const bar = this.base.at(startMs);
      if (bar !== undefined) bars.push(bar);
    }
    return bars;
  }

  private remember(key: string, bar: Bar): void {
    if (this.closed.size >= REMEMBERED_BARS_MAX) this.closed.clear();
    this.closed.set(key, bar);
  }
}

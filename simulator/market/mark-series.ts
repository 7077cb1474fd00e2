/**
 * Mark price between hourly mark candles: the basis (mark − last) is known at each hour's open and runs straight from
 * one to the next; the result stays within the hour's recorded mark range. With a wick in the last price the mark
 * therefore does not follow beyond what was recorded, as on the exchange.
 */
import { Decimal, toDecimalString, type DecimalString } from '../../core/money/decimal.js';

export interface MarkQuery {
  /** recorded time, ms */
  recordedMs: number;
  last: DecimalString;
  /** open of the last-price candle that starts at an instant of recorded time */
  lastAt: (recordedMs: number) => DecimalString | undefined;
}

const HOUR_MS = 3_600_000;
const MARK_DECIMALS = 2;

export class MarkSeries {
  private readonly rows: string[] = [];
  private firstMs = 0;

  append(startMs: number, values: readonly string[]): void {
    if (this.rows.length === 0) this.firstMs = startMs;
    this.rows.push(values.join(','));
  }

  markPrice(query: MarkQuery): DecimalString {
    const hourMs = Math.floor(query.recordedMs / HOUR_MS) * HOUR_MS;
    const hour = this.hour(hourMs);
    if (hour === undefined) return query.last;
    const before = this.basis(hourMs, query);
    const after = this.basis(hourMs + HOUR_MS, query);
    const share = new Decimal(query.recordedMs - hourMs).div(HOUR_MS);
    const mark = new Decimal(query.last).plus(before).plus(after.minus(before).times(share));
    return toDecimalString(Decimal.min(Decimal.max(mark, hour.low), hour.high).toDecimalPlaces(MARK_DECIMALS));
  }

  private basis(hourMs: number, query: MarkQuery): Decimal {
    const hour = this.hour(hourMs);
    const last = query.lastAt(hourMs);
    return hour === undefined || last === undefined ? new Decimal(0) : new Decimal(hour.open).minus(last);
  }

  private hour(startMs: number): { open: string; high: string; low: string } | undefined {
    const row = this.rows[(startMs - this.firstMs) / HOUR_MS];
    if (row === undefined) return undefined;
    const [open = '0', high = '0', low = '0'] = row.split(',');
    return { open, high, low };
  }
}

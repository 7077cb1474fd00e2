/**
 * The recorded market: SYMBOL-5m, and where present SYMBOL-mark-1h and SYMBOL-funding-8h, of one folder.
 *
 * Invariants
 * 1. Everything is read and checked before the first candle is played; a bad file is refused as a whole.
 * 2. `--rebase` shifts the recorded time by a whole number of base candles; what happened at the same time still does.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import { RecordedSeries } from './candle-series.js';
import { findSeriesFile, readSeries, rowError, type CellPlace, type SeriesRow } from './csv-reader.js';
import { DEFAULT_FUNDING_RATE, FUNDING_INTERVAL_MS, type KnownMarket } from './market-source.js';
import { MarkSeries } from './mark-series.js';

export interface ReplayOptions {
  directory: string;
  symbols: readonly string[];
  /** first played instant, recorded time ms; absent: 14 days after the oldest candle */
  fromMs?: number | undefined;
  /** end, exclusive, recorded time ms; absent: the end of the data */
  toMs?: number | undefined;
  /** shift so that the start falls on this instant (market time ms) */
  rebaseToMs?: number | undefined;
}

interface SymbolRecord {
  series: RecordedSeries;
  mark: MarkSeries | undefined;
  /** settlement instant (recorded ms) → rate */
  funding: Map<number, DecimalString>;
}

interface PlayedSpan {
  /** recorded time, ms */
  fromMs: number;
  toMs: number;
  /** added to recorded time to get market time, ms */
  shiftMs: number;
}

const STEP_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;
const DEFAULT_HISTORY_MS = 14 * 24 * HOUR_MS;
const CANDLE_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;
const MARK_COLUMNS = ['timestamp', 'open', 'high', 'low', 'close'] as const;
const FUNDING_COLUMNS = ['timestamp', 'funding_rate'] as const;
/** Bybit caps funding per interval far below this; anything above is a wrong column. */
const FUNDING_RATE_ABS_MAX = 0.1;

/** Rejects with 20002 (no file for a symbol), 40005 (span not covered) or a row error of the CSV reader. */
export async function loadReplayMarket(options: ReplayOptions): Promise<KnownMarket> {
  const records = new Map<string, SymbolRecord>();
  for (const symbol of options.symbols) {
    const series = await readCandles(options.directory, symbol);
    records.set(symbol, { series, mark: await readMark(options.directory, symbol), funding: await readFunding(options.directory, symbol) });
  }
  const span = playedSpan(options, [...records.values()].map((record) => record.series));
  for (const record of records.values()) record.series.shift(span.shiftMs);
  return new ReplayMarket(options, records, span);
}

class ReplayMarket implements KnownMarket {
  readonly kind = 'replay';
  readonly stepMs = STEP_MS;
  readonly symbols: readonly string[];
  readonly description: string;
  readonly startMs: number;
  readonly endMs: number;
  private readonly shiftMs: number;

  constructor(options: ReplayOptions, private readonly records: Map<string, SymbolRecord>, span: PlayedSpan) {
    this.symbols = options.symbols;
    this.shiftMs = span.shiftMs;
    this.startMs = span.fromMs + span.shiftMs;
    this.endMs = span.toMs + span.shiftMs;
    const recorded = `recorded candles of ${new Date(span.fromMs).toISOString()} to ${new Date(span.toMs).toISOString()}`;
    this.description = span.shiftMs === 0 ? recorded : `${recorded}, moved to start at ${new Date(this.startMs).toISOString()}`;
  }

  series(symbol: string): RecordedSeries {
    return this.record(symbol).series;
  }

  markPrice(symbol: string, atMs: number, last: DecimalString): DecimalString {
    const record = this.record(symbol);
    return record.mark === undefined ? last : record.mark.markPrice({ recordedMs: atMs - this.shiftMs, last, lastAt: (recordedMs) => record.series.at(recordedMs + this.shiftMs)?.open });
  }

  fundingRate(symbol: string, settlementMs: number): DecimalString {
    const recordedMs = settlementMs - this.shiftMs;
    const settledMs = Math.floor(recordedMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS;
    return this.record(symbol).funding.get(settledMs) ?? DEFAULT_FUNDING_RATE;
  }

  private record(symbol: string): SymbolRecord {
    const record = this.records.get(symbol);
    if (record === undefined) throw new BotError(20002, `The replay holds no symbol ${symbol}`);
    return record;
  }
}

async function readCandles(directory: string, symbol: string): Promise<RecordedSeries> {
  const path = findSeriesFile(directory, `${symbol}-5m`);
  if (path === undefined) {
    throw new BotError(20002, `${directory} holds no ${symbol}-5m.csv or ${symbol}-5m.csv.gz`, {
      fix: `Put the 5 minute candles of ${symbol} there, or name other symbols: in the strategies of the configuration, or with --symbols where the simulator runs alone`,
    });
  }
  const series = new RecordedSeries(STEP_MS);
  const place = path.slice(path.lastIndexOf('/') + 1);
  await readSeries(path, { columns: CANDLE_COLUMNS, stepMs: STEP_MS }, (row) => {
    checkCandle(row, place);
    series.append(row.timestampMs, row.values);
  });
  return series;
}

async function readMark(directory: string, symbol: string): Promise<MarkSeries | undefined> {
  const path = findSeriesFile(directory, `${symbol}-mark-1h`);
  if (path === undefined) return undefined;
  const mark = new MarkSeries();
  const place = path.slice(path.lastIndexOf('/') + 1);
  await readSeries(path, { columns: MARK_COLUMNS, stepMs: HOUR_MS }, (row) => {
    checkCandle(row, place);
    mark.append(row.timestampMs, row.values);
  });
  return mark;
}

async function readFunding(directory: string, symbol: string): Promise<Map<number, DecimalString>> {
  const rates = new Map<number, DecimalString>();
  const path = findSeriesFile(directory, `${symbol}-funding-8h`);
  if (path === undefined) return rates;
  const file = path.slice(path.lastIndexOf('/') + 1);
  await readSeries(path, { columns: FUNDING_COLUMNS, stepMs: FUNDING_INTERVAL_MS }, (row) => {
    const text = row.values[0] ?? '';
    if (Math.abs(Number(text)) > FUNDING_RATE_ABS_MAX) throw rowError(40007, { file, line: row.line, column: 'funding_rate' }, `${text} is above ${FUNDING_RATE_ABS_MAX} per 8 h`);
    rates.set(row.timestampMs, toDecimalString(text));
  });
  return rates;
}

/** Comparison needs order only, which a double keeps for prices of this length; no amount is computed from these numbers. */
function checkCandle(row: SeriesRow, file: string): void {
  const [open = 0, high = 0, low = 0, close = 0, volume = 0] = row.values.map(Number);
  const place = (column: string): CellPlace => ({ file, line: row.line, column });
  if (low <= 0) throw rowError(40007, place('low'), `${row.values[2]} is not a positive price`);
  if (high < Math.max(open, close, low)) throw rowError(40007, place('high'), `${row.values[1]} is below open, close or low`);
  if (low > Math.min(open, close)) throw rowError(40007, place('low'), `${row.values[2]} is above open or close`);
  if (volume < 0) throw rowError(40007, place('volume'), `${row.values[4]} is negative`);
}

function playedSpan(options: ReplayOptions, recorded: readonly RecordedSeries[]): PlayedSpan {
  const oldestMs = Math.max(...recorded.map((series) => series.firstMs));
  const newestMs = Math.min(...recorded.map((series) => series.lastMs + STEP_MS));
  const halfMs = Math.floor((newestMs - oldestMs) / 2);
  const fromMs = align(options.fromMs ?? oldestMs + Math.min(DEFAULT_HISTORY_MS, halfMs));
  const toMs = align(options.toMs ?? newestMs);
  if (fromMs < oldestMs || toMs > newestMs || fromMs >= toMs) {
    throw new BotError(40005, `${options.directory} covers ${iso(oldestMs)} to ${iso(newestMs)} for ${options.symbols.join(', ')}, not ${iso(fromMs)} to ${iso(toMs)}`, {
      fix: 'Choose --from and --to inside the covered span, or download more history',
    });
  }
  return { fromMs, toMs, shiftMs: options.rebaseToMs === undefined ? 0 : align(options.rebaseToMs) - fromMs };
}

const align = (instantMs: number): number => Math.floor(instantMs / STEP_MS) * STEP_MS;
const iso = (instantMs: number): string => (Number.isFinite(instantMs) ? new Date(instantMs).toISOString() : 'never');

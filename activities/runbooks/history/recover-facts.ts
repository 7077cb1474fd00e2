/**
 * Inserts the facts of the exchange that the ledger lacks: executions, funding payments, orders, candles.
 *
 * Invariants
 * 1. What stands in the ledger stays: executions and funding are inserted by id, an order takes the exchange's word only when it
 *    is newer, a candle is inserted where there is none.
 * 2. One request at a time, so that recovery never takes the requests that trading needs (the account's quota is shared).
 */
import { defectOf } from '../../../core/market/candle-defects.js';
import { boundaryAtOrBefore, intervalMs, type Interval } from '../../../core/market/interval.js';
import type { Execution, Order } from '../../../core/orders/order.js';
import type { Exchange } from '../../../core/ports/exchange.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { isNewerWord } from '../../../core/reconciliation/newer-word.js';
import { withCount, withLeft, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import { sweep, windowsOf, type Piece, type Span, type SweepOptions } from './sweep.js';

export interface FactDependencies {
  exchange: Pick<Exchange, 'executions' | 'orderHistory' | 'openOrders' | 'closedCandles' | 'closedPnl' | 'positions'>;
  ledger: Ledger;
  /** what the configuration trades; candles of these are recovered also when the ledger has none of them */
  series: readonly { symbol: string; interval: Interval }[];
}

/** Rows of one look-up or insert. */
const BATCH = 1_000;
/** Bybit's page of candles (docs, "Get Kline"). */
const CANDLES_PER_PIECE = 1_000;

export interface ExecutionSweep extends SweepOptions {
  /** told of what is missing, inserted or not */
  onMissing?: (executions: readonly Execution[]) => void;
}

export function recoverExecutions({ exchange, ledger }: FactDependencies, span: Span, options: ExecutionSweep = {}): Promise<RecoveryReport> {
  return sweep(windowsOf(span), options, async (piece, report) => {
    const found = await exchange.executions(piece);
    const missing = await missingExecutions(ledger, found);
    options.onMissing?.(missing);
    if (options.dryRun !== true) for (const batch of batchesOf(missing)) await ledger.saveExecutions(batch);
    const isFunding = ({ execType }: Execution): boolean => execType === 'Funding';
    const count = (which: (execution: Execution) => boolean) => counted(found.filter(which), missing.filter(which), options);
    return withCount(withCount(report, 'executions', count((execution) => !isFunding(execution))), 'funding', count(isFunding));
  });
}

/** A funding payment is known when it stands in both of its tables. */
async function missingExecutions(ledger: Ledger, found: readonly Execution[]): Promise<Execution[]> {
  const missing: Execution[] = [];
  for (const batch of batchesOf(found)) {
    const known = await ledger.knownExecutions(batch.map(({ execId }) => execId));
    const [executions, funding] = [new Set(known.executions), new Set(known.funding)];
    missing.push(...batch.filter(({ execId, execType }) => !executions.has(execId) || (execType === 'Funding' && !funding.has(execId))));
  }
  return missing;
}

/** Those that are over lie in the history, window by window; those that are open all come in one answer, asked for last. */
export function recoverOrders(deps: FactDependencies, span: Span, options: SweepOptions = {}): Promise<RecoveryReport> {
  return sweep<Piece | 'open'>([...windowsOf(span), 'open'], options, async (piece, report) => {
    const found = piece === 'open' ? await openOrdersOf(deps, span) : await deps.exchange.orderHistory(piece);
    const missing = await ordersNotHeardOf(deps.ledger, found);
    if (options.dryRun !== true) for (const batch of batchesOf(missing)) await deps.ledger.saveOrders(batch);
    return withCount(report, 'orders', counted(found, missing, options));
  });
}

async function openOrdersOf({ exchange }: FactDependencies, { symbols, fromMs, untilMs }: Span): Promise<Order[]> {
  const orders = await exchange.openOrders();
  return orders.filter(({ symbol, createdMs }) => createdMs >= fromMs && createdMs <= untilMs && (symbols.length === 0 || symbols.includes(symbol)));
}

async function ordersNotHeardOf(ledger: Ledger, found: readonly Order[]): Promise<Order[]> {
  const missing: Order[] = [];
  for (const batch of batchesOf(found)) {
    const recorded = new Map((await ledger.recordedOrders(batch.map(({ orderId }) => orderId))).map((order) => [order.orderId, order]));
    missing.push(...batch.filter((order) => isNewerWord(order, recorded.get(order.orderId))));
  }
  return missing;
}

interface CandlePiece {
  symbol: string;
  interval: Interval;
  /** candle starts, inclusive */
  fromMs: number;
  toMs: number;
}

/** Where the ledger has every candle of a piece the exchange is not asked at all. */
export async function recoverCandles(deps: FactDependencies, span: Span, options: SweepOptions = {}): Promise<RecoveryReport> {
  const pieces = (await seriesOf(deps, span)).flatMap((series) => candlePieces(series, span));
  return sweep(pieces, options, async (piece, report) => {
    const starts = new Set(await deps.ledger.candleStarts(piece));
    const wanted = Math.floor((piece.toMs - piece.fromMs) / intervalMs(piece.interval)) + 1;
    if (starts.size >= wanted) return withCount(report, 'candles', { found: starts.size, missing: 0, inserted: 0 });
    const found = await deps.exchange.closedCandles({ ...piece, limit: wanted });
    const missing = found.filter(({ startMs }) => !starts.has(startMs));
    const sound = missing.filter((candle) => defectOf(candle) === undefined);
    if (options.dryRun !== true) await deps.ledger.saveCandles(sound);
    const unsound = missing.length - sound.length;
    const left = unsound === 0 ? [] : [`${unsound} candles of ${piece.symbol} ${piece.interval}: the exchange's own contradict themselves`];
    return withLeft(withCount(report, 'candles', counted(found, sound, options)), left);
  });
}

async function seriesOf({ ledger, series }: FactDependencies, span: Span): Promise<{ symbol: string; interval: Interval }[]> {
  const traded = span.symbols.length > 0 ? span.symbols : await ledger.symbolsTraded({ fromMs: span.fromMs, toMs: span.untilMs });
  const symbols = span.symbols.length > 0 ? span.symbols : [...new Set([...traded, ...series.map(({ symbol }) => symbol)])].sort();
  const all = await Promise.all(symbols.map(async (symbol) => {
    const configured = series.filter((each) => each.symbol === symbol).map(({ interval }) => interval);
    const intervals = [...new Set([...(await ledger.candleIntervals(symbol)), ...configured])];
    return intervals.map((interval) => ({ symbol, interval }));
  }));
  return all.flat();
}

function candlePieces({ symbol, interval }: { symbol: string; interval: Interval }, { fromMs, untilMs }: Span): CandlePiece[] {
  const length = intervalMs(interval);
  const firstMs = boundaryAtOrBefore(fromMs + length - 1, interval);
  const lastMs = boundaryAtOrBefore(untilMs + 1 - length, interval);
  const pieces: CandlePiece[] = [];
  for (let startMs = firstMs; startMs <= lastMs; startMs += CANDLES_PER_PIECE * length) {
    pieces.push({ symbol, interval, fromMs: startMs, toMs: Math.min(startMs + (CANDLES_PER_PIECE - 1) * length, lastMs) });
  }
  return pieces;
}

function counted(found: readonly unknown[], missing: readonly unknown[], { dryRun }: SweepOptions) {
  return { found: found.length, missing: missing.length, inserted: dryRun === true ? 0 : missing.length };
}

function batchesOf<T>(rows: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < rows.length; start += BATCH) batches.push(rows.slice(start, start + BATCH));
  return batches;
}

/**
 * Rebuilds the trades of a span from their executions, and the intents from their orders; what the ledger says already stays
 * unless its executions contradict it.
 *
 * Invariants
 * 1. A trade is judged only when it is known whole; what cannot be known of it is named as assumed, never invented in silence.
 * 2. A row is corrected only while it still is what was read, so a trade that goes on meanwhile is not disturbed.
 */
import { tradeIdOfOrderLinkId } from '../../../core/orders/ids.js';
import type { Execution } from '../../../core/orders/order.js';
import type { TradeRow } from '../../../core/ports/ledger.js';
import type { RebuiltTrade } from '../../../core/reconciliation/rebuild-trades.js';
import { intentOfOrder } from '../../../core/reconciliation/rebuilt-intents.js';
import { rowOfRebuilt, type TradeEvidence } from '../../../core/reconciliation/rebuilt-row.js';
import type { FactDependencies } from './recover-facts.js';
import { emptyReport, mergedReports, withCount, withLeft, withTrades, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import { sweep, windowsOf, type Span, type SweepOptions } from './sweep.js';
import { evidenceOf } from './trade-evidence.js';
import { tradesOfWindow, type SymbolPiece } from './trades-of-window.js';

export interface TradeSweep extends SweepOptions {
  /** nothing on the exchange is later, exchange ms */
  presentMs: number;
}

/** A row that is there needs none. */
const NO_EVIDENCE: TradeEvidence = { strategies: [], referencePrice: null, leverage: null, stopLoss: null, takeProfit: null, exitPurpose: null };

/** After the executions, orders and candles of the span. */
export async function recoverTrades(deps: FactDependencies, span: Span, options: TradeSweep): Promise<RecoveryReport> {
  const symbols = span.symbols.length > 0 ? span.symbols : await deps.ledger.symbolsTraded({ fromMs: span.fromMs, toMs: span.untilMs });
  if (symbols.length === 0) return options.from?.report ?? emptyReport();
  const pieces = windowsOf({ ...span, symbols: [...symbols].sort() }).flatMap(({ symbol, ...window }): SymbolPiece[] => (symbol === undefined ? [] : [{ symbol, ...window }]));
  return sweep(pieces, options, async (piece, report) => mergedReports([report, await recoverPiece(deps, { piece, isFirst: piece.fromMs === span.fromMs }, options)]));
}

async function recoverPiece(deps: FactDependencies, { piece, isFirst }: { piece: SymbolPiece; isFirst: boolean }, { dryRun = false, presentMs }: TradeSweep): Promise<RecoveryReport> {
  const { trades, unplaced, report } = await tradesOfWindow(deps, piece, { dryRun, presentMs });
  // a trade that began before belongs to the piece in which it began
  const ours = trades.filter(({ executions: [first] }) => isFirst || (first?.execMs ?? 0) >= piece.fromMs);
  const reports = [withLeft(report, unplaced.map(unplacedWords))];
  for (const trade of ours) reports.push(await recoverTrade(deps, trade, dryRun));
  reports.push(await recoverIntents(deps, piece, dryRun));
  return mergedReports(reports);
}

function unplacedWords({ execId, symbol, side, qty, execMs }: Execution): string {
  return `execution ${execId} (${symbol} ${side} ${qty}, ${new Date(execMs).toISOString()}) ends or funds a position whose opening was not found`;
}

async function recoverTrade(deps: FactDependencies, trade: RebuiltTrade, dryRun: boolean): Promise<RecoveryReport> {
  const [known = null] = await deps.ledger.tradesById([trade.tradeId]);
  const verdict = rowOfRebuilt(trade, { known, evidence: known === null ? await evidenceOf(deps, trade) : NO_EVIDENCE });
  const one = { found: 1, external: trade.origin === 'external' ? 1 : 0 };
  if (verdict.kind === 'left') return withLeft(withTrades(emptyReport(), one), [verdict.because]);
  const written = verdict.kind === 'write' && !dryRun && (await deps.ledger.correctTrade(known, verdict.row)) ? 1 : 0;
  const attributed = await attribute(deps, trade, dryRun);
  if (verdict.kind === 'unchanged') return withTrades(emptyReport(), { ...one, attributed });
  const report = withTrades(emptyReport(), { ...one, attributed, ...(known === null ? { missing: 1, inserted: written } : { wrong: 1, corrected: written }) });
  return withLeft(report, verdict.assumed.map((what) => `trade ${trade.tradeId}: nothing says ${what}`));
}

/** Names the trade on those of its executions that name none. One that is shared names the trade that it closed. */
async function attribute({ ledger }: FactDependencies, { tradeId, symbol, executions }: RebuiltTrade, dryRun: boolean): Promise<number> {
  const [first, last] = [executions[0], executions.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const ids = new Set(executions.map(({ execId }) => execId));
  const recorded = await ledger.executionsBetween({ symbol, fromMs: first.execMs, toMs: last.execMs });
  const nameless = recorded.filter((execution) => execution.tradeId === null && ids.has(execution.execId));
  if (nameless.length > 0 && !dryRun) await ledger.saveExecutions(nameless, tradeId);
  return nameless.length;
}

async function recoverIntents({ ledger }: FactDependencies, { symbol, fromMs, toMs }: SymbolPiece, dryRun: boolean): Promise<RecoveryReport> {
  const orders = (await ledger.ordersWithoutIntent({ fromMs, toMs })).filter((order) => order.symbol === symbol);
  const trades = new Map<string, TradeRow>((await ledger.tradesById(orders.flatMap(({ orderLinkId }) => tradeIdOfOrderLinkId(orderLinkId) ?? []))).map((trade) => [trade.tradeId, trade]));
  const intents = orders.flatMap((order) => intentOfOrder(order, trades.get(tradeIdOfOrderLinkId(order.orderLinkId) ?? '')) ?? []);
  const inserted = dryRun || intents.length === 0 ? 0 : await ledger.recoverIntents(intents);
  return withCount(emptyReport(), 'intents', { found: intents.length, missing: intents.length, inserted });
}

/**
 * The ledger's row of a rebuilt trade. Executions determine its figures; what they cannot tell (why it was decided, its
 * stop, its leverage) comes from the row that is there, else from the evidence that was found, else it is named as assumed.
 *
 * Invariants
 * 1. Of a row that is there only the state and the figures change; what the bot itself wrote stays.
 * 2. A trade that is over never becomes open again, and a failed one never gets fills: such a contradiction is returned as one.
 */
import { dec, toDecimalString, type DecimalString } from '../money/decimal.js';
import { decisionOfTradeId, strategyMark } from '../orders/ids.js';
import type { ExitReason, TradeRow } from '../ports/ledger.js';
import { EXTERNAL_STRATEGY, type RebuiltTrade } from './rebuild-trades.js';
import { summariseTrade, type TradeSummary } from './trade-summary.js';

/** What is known of a trade besides its executions; null: nothing says it. */
export interface TradeEvidence {
  /** names of all strategies that there are or were */
  strategies: readonly string[];
  referencePrice: DecimalString | null;
  leverage: DecimalString | null;
  stopLoss: DecimalString | null;
  takeProfit: DecimalString | null;
  /** why the last exit order of ours was sent, as its intent says */
  exitPurpose: ExitReason | null;
}

export type RowVerdict =
  | { kind: 'unchanged' }
  /** the row is not there, or its figures are others */
  | { kind: 'write'; row: TradeRow; assumed: string[] }
  /** left to a person, in plain words */
  | { kind: 'left'; because: string };

const NOTHING = toDecimalString('0');

export function rowOfRebuilt(trade: RebuiltTrade, { known, evidence }: { known: TradeRow | null; evidence: TradeEvidence }): RowVerdict {
  const summary = summariseTrade(trade);
  const isOver = dec(summary.openQty).isZero();
  if (known !== null) return corrected(known, summary, isOver);
  if (trade.origin === 'own') return newOwnRow(trade, summary, evidence);
  if (!isOver) return { kind: 'left', because: `${trade.symbol}: ${trade.side} ${summary.openQty} was opened by somebody else and is open; no trade of the bot holds it` };
  return { kind: 'write', row: externalRow(trade, summary, evidence), assumed: [] };
}

function corrected(known: TradeRow, summary: TradeSummary, isOver: boolean): RowVerdict {
  if (known.state === 'failed') return { kind: 'left', because: `trade ${known.tradeId} is failed in the ledger, its entry filled ${summary.entryQty} on the exchange` };
  if (known.state === 'closed' && !isOver) return { kind: 'left', because: `trade ${known.tradeId} is closed in the ledger, its executions leave ${summary.openQty} open` };
  const row: TradeRow = { ...known, ...figuresOf(summary), state: stateOf(known.state, isOver), exitReason: isOver ? exitReasonOf(summary, known.exitReason) : known.exitReason };
  return isSame(known, row) ? { kind: 'unchanged' } : { kind: 'write', row, assumed: [] };
}

function stateOf(known: TradeRow['state'] | undefined, isOver: boolean): TradeRow['state'] {
  if (isOver) return 'closed';
  return known === 'closing' ? 'closing' : 'open';
}

/** The row's quantity is what is open while the trade lasts, and what was entered once it is over. */
function figuresOf(summary: TradeSummary): Pick<TradeRow, 'qty' | 'entryPrice' | 'exitPrice' | 'openedMs' | 'closedMs' | 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'> {
  const { openQty, entryQty, entryPrice, exitPrice, openedMs, closedMs, grossPnl, fees, funding, realisedPnl } = summary;
  return { qty: dec(openQty).isZero() ? entryQty : openQty, entryPrice, exitPrice, openedMs, closedMs, grossPnl, fees, funding, realisedPnl };
}

/** Our own exit order says only that we closed it; the row or the intent knows for whose sake. */
function exitReasonOf(summary: TradeSummary, known: ExitReason | null): ExitReason {
  return summary.exitReason === 'signal' && known !== null ? known : (summary.exitReason ?? 'external');
}

/** Figures of an open trade move with every funding; its own workflow books them at the end, only what is open matters. */
function isSame(known: TradeRow, row: TradeRow): boolean {
  const compared: readonly (keyof TradeRow)[] = row.state === 'closed'
    ? ['state', 'qty', 'entryPrice', 'exitPrice', 'openedMs', 'closedMs', 'exitReason', 'grossPnl', 'fees', 'funding', 'realisedPnl']
    : ['state', 'qty', 'entryPrice', 'openedMs'];
  return compared.every((field) => known[field] === row[field]);
}

function newOwnRow(trade: RebuiltTrade, summary: TradeSummary, evidence: TradeEvidence): RowVerdict {
  const decision = decisionOfTradeId(trade.tradeId);
  if (decision === undefined) return { kind: 'left', because: `trade ${trade.tradeId}: its id does not say when it was decided` };
  const strategy = evidence.strategies.find((name) => strategyMark(name) === decision.mark);
  const isOver = dec(summary.openQty).isZero();
  const assumed = [
    ...(strategy === undefined ? [`the name of the strategy with mark ${decision.mark}`] : []),
    ...(evidence.referencePrice === null ? ['its reference price (the entry price is taken)'] : []),
    ...(evidence.leverage === null ? ['its leverage (1 is taken)'] : []),
    ...(evidence.stopLoss === null ? ['its stop (0 is taken)'] : []),
  ];
  const row: TradeRow = {
    ...baseRow(trade, summary), strategy: strategy ?? `unknown-${decision.mark}`, decidedMs: decision.decidedMs, workflowId: `trade-${trade.tradeId}`,
    state: stateOf(undefined, isOver), exitReason: isOver ? exitReasonOf(summary, evidence.exitPurpose) : null,
    referencePrice: evidence.referencePrice ?? summary.entryPrice ?? NOTHING, leverage: evidence.leverage ?? toDecimalString('1'),
    stopLoss: evidence.stopLoss ?? NOTHING, takeProfit: evidence.takeProfit,
  };
  return { kind: 'write', row, assumed };
}

function externalRow(trade: RebuiltTrade, summary: TradeSummary, evidence: TradeEvidence): TradeRow {
  return {
    ...baseRow(trade, summary), strategy: EXTERNAL_STRATEGY, decidedMs: summary.openedMs ?? 0, workflowId: EXTERNAL_STRATEGY, state: 'closed',
    // an order of ours that closes somebody else's position was sent by an operator's word
    exitReason: summary.exitReason === 'signal' ? 'operator' : summary.exitReason,
    referencePrice: summary.entryPrice ?? NOTHING, leverage: evidence.leverage ?? toDecimalString('1'), stopLoss: NOTHING, takeProfit: null,
  };
}

function baseRow({ tradeId, symbol, side }: RebuiltTrade, summary: TradeSummary) {
  return { ...figuresOf(summary), tradeId, symbol, side, errorCode: null, errorMessage: null, timings: null };
}

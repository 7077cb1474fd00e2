/**
 * Trades out of executions alone: which trade each execution of a symbol belongs to. Ours are named by the link id of
 * their entry; what is left over is somebody else's trading and becomes trades of its own, one per position from flat to flat.
 *
 * Invariants
 * 1. An own trade gets exactly what `executionsOfTrade` says, so rebuilding and recording agree.
 * 2. Every quantity belongs to one trade or is named as unplaced; of an execution that closes one trade and goes on into
 *    another each has its part.
 * 3. The same executions in any order, with any of them repeated, give the same trades with the same ids.
 */
import { Decimal, ZERO, dec, roundToWalletPrecision, toDecimalString } from '../money/decimal.js';
import { externalTradeIdFor, legOfOrderLinkId, tradeIdOfOrderLinkId } from '../orders/ids.js';
import type { Execution, Side } from '../orders/order.js';
import { executionsOfTrade } from './trade-executions.js';

/** Stands in a trade's row where a strategy's name would. */
export const EXTERNAL_STRATEGY = 'external';

export interface RebuiltTrade {
  tradeId: string;
  origin: 'own' | 'external';
  symbol: string;
  side: Side;
  /** in their order; of one that is shared with another trade only this trade's part */
  executions: Execution[];
}

export interface Rebuilt {
  /** by the instant they were opened */
  trades: RebuiltTrade[];
  /** they close or fund a position whose opening is not among the executions */
  unplaced: Execution[];
}

/** `executions` may be of any number of symbols; of each they begin where it was flat, or as early as is known. */
export function rebuildTrades(executions: readonly Execution[]): Rebuilt {
  const sorted = inSequence(executions);
  const symbols = [...new Set(sorted.map(({ symbol }) => symbol))];
  const parts = symbols.map((symbol) => rebuildSymbol(sorted.filter((execution) => execution.symbol === symbol)));
  return {
    trades: parts.flatMap(({ trades }) => trades).sort((a, b) => openedMs(a) - openedMs(b) || (a.tradeId < b.tradeId ? -1 : 1)),
    unplaced: parts.flatMap(({ unplaced }) => unplaced),
  };
}

function openedMs({ executions: [first] }: RebuiltTrade): number {
  return first?.execMs ?? 0;
}

function inSequence(executions: readonly Execution[]): Execution[] {
  const byId = new Map(executions.map((execution) => [execution.execId, execution]));
  return [...byId.values()].sort((a, b) => a.execMs - b.execMs || a.seq - b.seq || (a.execId < b.execId ? -1 : 1));
}

function rebuildSymbol(executions: readonly Execution[]): Rebuilt {
  const own = ownTrades(executions);
  const foreign = foreignTrades(leftOver(executions, own));
  return { trades: [...own, ...foreign.trades], unplaced: foreign.unplaced };
}

interface Entry {
  orderLinkId: string;
  side: Side;
  firstMs: number;
  /** of the last execution that carries an id of the trade */
  lastOwnMs: number;
}

function ownTrades(executions: readonly Execution[]): RebuiltTrade[] {
  const entries = ownEntries(executions);
  return entries.map((entry, index) => {
    const tradeId = tradeIdOfOrderLinkId(entry.orderLinkId) ?? entry.orderLinkId;
    const own = executionsFrom(executions, entry, entries[index + 1]);
    return { tradeId, origin: 'own', symbol: own[0]?.symbol ?? '', side: entry.side, executions: own };
  });
}

function ownEntries(executions: readonly Execution[]): Entry[] {
  const entries = new Map<string, Entry>();
  const lastOwnMs = new Map<string, number>();
  for (const { orderLinkId, side, execMs, execType } of executions) {
    const tradeId = tradeIdOfOrderLinkId(orderLinkId);
    if (tradeId === undefined) continue;
    lastOwnMs.set(tradeId, execMs);
    if (execType === 'Funding' || legOfOrderLinkId(orderLinkId) !== 'entry' || entries.has(tradeId)) continue;
    entries.set(tradeId, { orderLinkId, side, firstMs: execMs, lastOwnMs: execMs });
  }
  return [...entries].map(([tradeId, entry]) => ({ ...entry, lastOwnMs: lastOwnMs.get(tradeId) ?? entry.lastOwnMs }));
}

/** Mostly all of a trade lies before the next one begins; only one that does not end there is looked for to the end. */
function executionsFrom(executions: readonly Execution[], entry: Entry, next: Entry | undefined): Execution[] {
  const since = executions.filter(({ execMs }) => execMs >= entry.firstMs);
  if (next === undefined) return executionsOfTrade(since, entry.orderLinkId);
  const untilMs = Math.max(next.firstMs, entry.lastOwnMs);
  const own = executionsOfTrade(since.filter(({ execMs }) => execMs <= untilMs), entry.orderLinkId);
  return openQty(own, entry.side).isZero() ? own : executionsOfTrade(since, entry.orderLinkId);
}

function openQty(executions: readonly Execution[], side: Side): Decimal {
  return takings(executions, side).open;
}

/** How much of each execution a trade takes: all of an entry fill, of an exit fill what is open. */
function takings(executions: readonly Execution[], side: Side): { open: Decimal; taken: Map<string, Decimal> } {
  const taken = new Map<string, Decimal>();
  let open = ZERO;
  for (const { execId, execType, qty, side: fillSide } of executions) {
    const part = execType === 'Funding' || fillSide === side ? dec(qty) : Decimal.min(open, dec(qty));
    taken.set(execId, part);
    if (execType !== 'Funding') open = fillSide === side ? open.plus(part) : open.minus(part);
  }
  return { open, taken };
}

function leftOver(executions: readonly Execution[], own: readonly RebuiltTrade[]): Execution[] {
  const taken = new Map<string, Decimal>();
  for (const { executions: ofTrade, side } of own) {
    for (const [execId, qty] of takings(ofTrade, side).taken) taken.set(execId, (taken.get(execId) ?? ZERO).plus(qty));
  }
  return executions.flatMap((execution) => {
    const part = taken.get(execution.execId);
    if (part === undefined) return [execution];
    const rest = dec(execution.qty).minus(part);
    return rest.gt(0) && execution.execType !== 'Funding' ? [afterPart(execution, part)] : [];
  });
}

/** What remains of an execution when its first `taken` belongs to somebody else: fee and value are shared without a rest. */
function afterPart(execution: Execution, taken: Decimal): Execution {
  const whole = dec(execution.qty);
  const rest = whole.minus(taken);
  const takenFee = roundToWalletPrecision(dec(execution.fee).times(taken).div(whole));
  return {
    ...execution,
    qty: toDecimalString(rest),
    value: toDecimalString(dec(execution.price).times(rest)),
    fee: toDecimalString(dec(execution.fee).minus(takenFee)),
    closedSize: toDecimalString(Decimal.max(0, dec(execution.closedSize).minus(taken))),
  };
}

interface ForeignPosition {
  trade: RebuiltTrade;
  open: Decimal;
}

function foreignTrades(executions: readonly Execution[]): Rebuilt {
  const rebuilt: Rebuilt = { trades: [], unplaced: [] };
  let position: ForeignPosition | undefined;
  for (const execution of executions) position = booked(rebuilt, position, execution);
  return rebuilt;
}

function booked(rebuilt: Rebuilt, position: ForeignPosition | undefined, execution: Execution): ForeignPosition | undefined {
  if (position === undefined) return opened(rebuilt, execution);
  const { trade, open } = position;
  trade.executions.push(execution);
  if (execution.execType === 'Funding') return position;
  const qty = dec(execution.qty);
  if (execution.side === trade.side) return { trade, open: open.plus(qty) };
  if (qty.lte(open)) return qty.eq(open) ? undefined : { trade, open: open.minus(qty) };
  return opened(rebuilt, afterPart(execution, open));
}

/** By `closedSize` the exchange says how much of a fill closed something: without a known position that part has no place. */
function opened(rebuilt: Rebuilt, execution: Execution): ForeignPosition | undefined {
  const closes = Decimal.min(dec(execution.closedSize), dec(execution.qty));
  if (execution.execType === 'Funding' || closes.gt(0)) rebuilt.unplaced.push(execution);
  if (execution.execType === 'Funding' || closes.eq(dec(execution.qty))) return undefined;
  const opening = closes.isZero() ? execution : afterPart(execution, closes);
  const { symbol, side, execId } = execution;
  const trade: RebuiltTrade = { tradeId: externalTradeIdFor({ symbol, execId }), origin: 'external', symbol, side, executions: [opening] };
  rebuilt.trades.push(trade);
  return { trade, open: dec(opening.qty) };
}

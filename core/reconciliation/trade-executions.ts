/**
 * Which executions of a symbol belong to one trade, and in which order they happened. The exchange gives stops and
 * liquidations no order link id of ours, and fundings none at all: they belong to the trade that held the position.
 *
 * Invariants
 * 1. The same executions in any order, with any of them repeated, give the same answer.
 * 2. An execution counts when it carries an id of the trade, or when it reduces or funds the trade's open position.
 *    Somebody else's fill that enlarges the position is not the trade's.
 */
import { Decimal, ZERO, dec } from '../money/decimal.js';
import { tradeIdOfOrderLinkId } from '../orders/ids.js';
import type { Execution, Side } from '../orders/order.js';

/** In the order in which they happened, each once. Without a fill of the entry order there are none. */
export function executionsOfTrade(executions: readonly Execution[], entryLinkId: string): Execution[] {
  const entry = executions.find((execution) => execution.orderLinkId === entryLinkId);
  if (entry === undefined) return [];
  const sameSymbol = executions.filter((execution) => execution.symbol === entry.symbol);
  const tradeId = tradeIdOfOrderLinkId(entryLinkId);
  let open = ZERO;
  return inOrder(sameSymbol, entry.side).filter((execution) => {
    const isOwn = tradeId !== undefined && tradeIdOfOrderLinkId(execution.orderLinkId) === tradeId;
    if (execution.execType === 'Funding') return isOwn || open.gt(0);
    if (execution.side === entry.side) {
      if (isOwn) open = open.plus(dec(execution.qty));
      return isOwn;
    }
    const reduces = open.gt(0);
    open = Decimal.max(0, open.minus(dec(execution.qty)));
    return reduces;
  });
}

/** By time, then sequence; within one instant the entry comes before what reduces it. Repetitions are dropped by execution id. */
export function inOrder(executions: readonly Execution[], entrySide: Side): Execution[] {
  const byId = new Map(executions.map((execution) => [execution.execId, execution]));
  const rank = (execution: Execution): number => (execution.side === entrySide ? 0 : 1);
  return [...byId.values()].sort((a, b) =>
    a.execMs - b.execMs || a.seq - b.seq || rank(a) - rank(b) || (a.execId < b.execId ? -1 : 1));
}

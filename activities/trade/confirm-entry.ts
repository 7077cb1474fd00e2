/**
 * What became of the entry: waits for the order's final state, makes sure the position is protected, and returns the
 * facts of the fill. The ledger is not touched: protection waits for nothing.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { dec, ZERO, type Decimal } from '../../core/money/decimal.js';
import type { Execution, Order } from '../../core/orders/order.js';
import { summariseTrade } from '../../core/reconciliation/trade-summary.js';
import { awaitTerminalOrder } from './await-terminal.js';
import type { EntryRequest } from './place-entry.js';
import { ensureProtection } from './protection.js';
import { EXECUTION_LOOK_BACK_MS, factsOf, type TradeFacts } from './trade-facts.js';
import type { TradeDependencies } from './trade-dependencies.js';

export type EntryOutcome =
  | { kind: 'open'; facts: TradeFacts; filledAtMs: number }
  | { kind: 'not_filled'; message: string }
  /** filled, but no stop could be set: close it at once */
  | { kind: 'unprotected'; facts: TradeFacts; filledAtMs: number; message: string };

export async function confirmEntry(deps: TradeDependencies, { trade, order }: EntryRequest): Promise<EntryOutcome> {
  const final = await awaitTerminalOrder(deps, order);
  if (dec(final.cumExecQty).isZero()) {
    return { kind: 'not_filled', message: `order ${final.status.toLowerCase()}: ${final.rejectReason || final.cancelType || 'nothing filled'}` };
  }
  const filledAtMs = deps.now();
  const protection = await ensureProtection(deps, trade);
  const fills = await fillsOf(deps, final, trade.decidedMs - EXECUTION_LOOK_BACK_MS);
  const facts = factsOf(summariseTrade({ side: trade.side, executions: fills }));
  return protection.kind === 'unprotected' ? { kind: 'unprotected', facts, filledAtMs, message: protection.message } : { kind: 'open', facts, filledAtMs };
}

async function fillsOf(deps: TradeDependencies, order: Order, fromMs: number): Promise<Execution[]> {
  const fills = await deps.exchange.executions({ symbol: order.symbol, orderLinkId: order.orderLinkId, fromMs });
  if (totalQty(fills).equals(dec(order.cumExecQty))) return fills;
  throw new BotError(40001, `executions of ${order.orderLinkId} are not all listed yet`, { retryable: true });
}

function totalQty(fills: readonly Execution[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(dec(fill.qty)), ZERO);
}

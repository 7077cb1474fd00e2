/**
 * Asks the exchange what became of a trade. While the position is open it also makes sure that its stop is there.
 * The ledger is not touched, so a database that is down never keeps a trade from being watched or closed.
 */
import { dec } from '../../core/money/decimal.js';
import { orderLinkIdFor } from '../../core/orders/ids.js';
import type { Execution } from '../../core/orders/order.js';
import type { ExitReason, TradeRow } from '../../core/ports/ledger.js';
import { executionsOfTrade, summariseTrade, type TradeSummary } from '../../core/reconciliation/trade-summary.js';
import { ensureProtection } from './protection.js';
import { EXECUTION_LOOK_BACK_MS, factsOf, type TradeFacts } from './trade-facts.js';
import type { TradeDependencies } from './trade-dependencies.js';

export type Inspection =
  /** `facts.qty` is what is open */
  | { kind: 'open'; facts: TradeFacts }
  | { kind: 'unprotected'; message: string }
  | { kind: 'closed'; trade: TradeRow };

export async function inspectTrade(deps: TradeDependencies, trade: TradeRow): Promise<Inspection> {
  const protection = await ensureProtection(deps, trade);
  const summary = summariseTrade({ side: trade.side, executions: await ownExecutions(deps, trade) });
  if (dec(summary.entryQty).isZero()) return { kind: 'closed', trade: neverOpened(trade) };
  if (dec(summary.openQty).isZero()) {
    return { kind: 'closed', trade: { ...trade, ...factsOf(summary), state: 'closed', exitReason: exitReasonOf(trade, summary) } };
  }
  return protection.kind === 'unprotected' ? protection : { kind: 'open', facts: { ...factsOf(summary), qty: summary.openQty } };
}

/** The executions from the entry until the position was flat again, funding included. */
export async function ownExecutions(deps: TradeDependencies, trade: TradeRow): Promise<Execution[]> {
  const executions = await deps.exchange.executions({ symbol: trade.symbol, fromMs: trade.decidedMs - EXECUTION_LOOK_BACK_MS });
  return executionsOfTrade(executions, orderLinkIdFor(trade.tradeId, 'entry', 0));
}

/** Only a trade rebuilt from its ledger row can come here: the entry it was meant to place never filled. */
function neverOpened(trade: TradeRow): TradeRow {
  return { ...trade, state: 'failed', errorCode: 20007, errorMessage: 'the exchange knows no fill of this entry' };
}

/** Our own exit order says only that we closed it; the trade's row knows why we asked for it. */
function exitReasonOf(trade: TradeRow, summary: TradeSummary): ExitReason {
  return summary.exitReason === 'signal' && trade.exitReason !== null ? trade.exitReason : (summary.exitReason ?? 'external');
}

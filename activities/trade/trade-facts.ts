/** The part of a trade's row that its executions determine. */
import type { TradeRow } from '../../core/ports/ledger.js';
import type { TradeSummary } from '../../core/reconciliation/trade-summary.js';

/** Executions may carry a time a little before the decision's candle close when the order filled on the boundary itself. */
export const EXECUTION_LOOK_BACK_MS = 60_000;

export type TradeFacts = Pick<TradeRow, 'qty' | 'entryPrice' | 'exitPrice' | 'openedMs' | 'closedMs' | 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'>;

export function factsOf(summary: TradeSummary): TradeFacts {
  const { entryQty, entryPrice, exitPrice, openedMs, closedMs, grossPnl, fees, funding, realisedPnl } = summary;
  return { qty: entryQty, entryPrice, exitPrice, openedMs, closedMs, grossPnl, fees, funding, realisedPnl };
}

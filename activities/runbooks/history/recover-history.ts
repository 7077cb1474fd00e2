/**
 * One entry for everybody who recovers what the ledger lacks of a span: this runbook, the recovery of a database, a reconciliation.
 * Part by part, each idempotent, each told of its progress and able to go on where an earlier attempt came to.
 */
import type { HistoryPart } from '../../../core/runbooks/recover-trade-history.js';
import { recoverCandles, recoverExecutions, recoverOrders, type FactDependencies } from './recover-facts.js';
import { recoverTrades } from './recover-trades.js';
import type { RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import type { Span, SweepOptions } from './sweep.js';

export interface PartSweep extends SweepOptions {
  /** nothing on the exchange is later, exchange ms */
  presentMs: number;
}

/** Trades need the executions, orders and candles before them. */
export function recoverPart(deps: FactDependencies, { part, span }: { part: HistoryPart; span: Span }, options: PartSweep): Promise<RecoveryReport> {
  switch (part) {
    case 'executions':
      return recoverExecutions(deps, span, options);
    case 'orders':
      return recoverOrders(deps, span, options);
    case 'candles':
      return recoverCandles(deps, span, options);
    case 'trades':
      return recoverTrades(deps, span, options);
  }
}

/** Writes to the ledger that a position which no trade of ours held was closed by hand: its orders, their intents, the event. */
import { catalogueEntry } from '../../core/errors/catalogue.js';
import type { DecimalString } from '../../core/money/decimal.js';
import { recordMissedIntents } from './record-trade.js';
import { EXECUTION_LOOK_BACK_MS } from './trade-facts.js';
import type { TradeDependencies } from './trade-dependencies.js';

export interface ClosedByHand {
  /** stands where a trade's id would: the orders' link ids are made of it */
  closeId: string;
  symbol: string;
  /** exchange ms */
  decidedMs: number;
  reason: string;
  actor: string;
  workflowId: string;
  /** base coin, what is open now */
  left: DecimalString;
  /** why nothing was closed; null when it was */
  refusal: string | null;
}

export async function recordClosing(deps: TradeDependencies, closed: ClosedByHand): Promise<void> {
  const { closeId, symbol, decidedMs } = closed;
  const fromMs = decidedMs - EXECUTION_LOOK_BACK_MS;
  const [orders, executions] = await Promise.all([deps.exchange.orderHistory({ symbol, fromMs }), deps.exchange.executions({ symbol, fromMs })]);
  await deps.ledger.saveOrders(orders);
  await deps.ledger.saveExecutions(executions);
  await recordMissedIntents(deps, { tradeId: closeId, symbol, decidedMs, exitReason: 'operator' }, orders);
  await recordEvent(deps, closed);
}

async function recordEvent({ ledger, logger }: TradeDependencies, { closeId, symbol, decidedMs, reason, actor, workflowId, left, refusal }: ClosedByHand): Promise<void> {
  const code = refusal === null ? null : 20003;
  const severity = code === null ? 'info' : catalogueEntry(code).severity;
  const message = refusal === null
    ? `Position in ${symbol}, which no trade of the bot held, closed by ${actor}: ${reason}; ${left} are left`
    : `Position in ${symbol} not closed: ${refusal}`;
  logger[severity](message, code === null ? { symbol } : { code, symbol });
  await ledger.saveEvent({ eventId: closeId, atMs: decidedMs, code, severity, source: workflowId, message, context: { symbol, left } });
}

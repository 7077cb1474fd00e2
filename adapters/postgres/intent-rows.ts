/** Rows of `order_intents` as data: what was about to be asked, read back or rebuilt from the order itself. */
import type { Insertable, Selectable } from 'kysely';
import { toDecimalString } from '../../core/money/decimal.js';
import type { RecordedIntent } from '../../core/ports/history-ledger.js';
import { toTimestamp } from './instants.js';
import type { OrderIntentsTable } from './tables.js';

export function fromIntentRow(row: Selectable<OrderIntentsTable>): RecordedIntent {
  const optional = (value: string | null) => (value === null ? null : toDecimalString(value));
  return {
    orderLinkId: row.order_link_id, tradeId: row.trade_id, kind: row.kind, purpose: row.purpose, symbol: row.symbol, side: row.side, qty: toDecimalString(row.qty),
    stopLoss: optional(row.stop_loss), takeProfit: optional(row.take_profit), leverage: optional(row.leverage), decidedMs: row.decided_at.getTime(),
  };
}

export function toRecoveredIntentRow(intent: RecordedIntent): Insertable<OrderIntentsTable> {
  const { orderLinkId, tradeId, stopLoss, takeProfit, decidedMs, ...rest } = intent;
  return { ...rest, order_link_id: orderLinkId, trade_id: tradeId, stop_loss: stopLoss, take_profit: takeProfit, decided_at: toTimestamp(decidedMs) };
}

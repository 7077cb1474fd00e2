/**
 * Intents out of the orders they became: an order that carries a link id of ours was intended, so an order without an intent
 * says that the intent was lost. The exchange does not remember the leverage of an order; the trade's row does.
 */
import { dec, toDecimalString, type DecimalString } from '../money/decimal.js';
import { decisionOfTradeId, legOfOrderLinkId, tradeIdOfOrderLinkId } from '../orders/ids.js';
import type { Order } from '../orders/order.js';
import type { RecordedIntent } from '../ports/history-ledger.js';
import type { TradeRow } from '../ports/ledger.js';

/** What stands where a trade's leverage is not known. */
export const ASSUMED_LEVERAGE = toDecimalString('1');

/** undefined: the order is not ours. `trade`: the row of the trade it belongs to, if there is one. */
export function intentOfOrder(order: Order, trade: TradeRow | undefined): RecordedIntent | undefined {
  const { orderLinkId, symbol, side, qty } = order;
  const tradeId = tradeIdOfOrderLinkId(orderLinkId);
  const leg = legOfOrderLinkId(orderLinkId);
  if (tradeId === undefined || leg === undefined) return undefined;
  const decidedMs = trade?.decidedMs ?? decisionOfTradeId(tradeId)?.decidedMs ?? order.createdMs;
  const intent = { orderLinkId, tradeId, symbol, side, qty, decidedMs };
  if (leg === 'entry') {
    return { ...intent, kind: 'entry', purpose: 'entry', stopLoss: order.stopLoss, takeProfit: unlessZero(order.takeProfit), leverage: trade?.leverage ?? ASSUMED_LEVERAGE };
  }
  // without a trade it closed a position that no trade of ours held, by an operator's word
  return { ...intent, kind: 'exit', purpose: trade === undefined ? 'operator' : (trade.exitReason ?? leg), stopLoss: null, takeProfit: null, leverage: null };
}

export function unlessZero(price: DecimalString): DecimalString | null {
  return dec(price).isZero() ? null : price;
}

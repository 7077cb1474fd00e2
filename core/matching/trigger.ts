/**
 * Conditional orders: when they fire and what happens then. Untriggered → Triggered → New → its fate as taker.
 * A full stop-loss that fires takes the take-profit off (one cancels the other), and the reverse.
 */
import { dec, toDecimalString, type Decimal } from '../money/decimal.js';
import type { MarketPrices, OrderRow, TriggerBy } from './contract.js';
import { pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { executeArrival, marketLimit } from './execute-order.js';
import { accountMargin, openingPart, orderCost } from './margin.js';
import { cancelOrderRow, updateOrder } from './order-store.js';
import { fullProtection } from './protection.js';
import type { Turn } from './turn.js';

/** The series a trigger watches; '' means Bybit's default, the last price. */
export function seriesPrice(prices: MarketPrices, by: TriggerBy | ''): Decimal {
  switch (by) {
    case '':
    case 'LastPrice': return dec(prices.lastPrice);
    case 'MarkPrice': return dec(prices.markPrice);
    case 'IndexPrice': return dec(prices.indexPrice);
  }
}

export function isTriggered(order: OrderRow, prices: MarketPrices): boolean {
  const price = seriesPrice(prices, order.triggerBy);
  return order.triggerDirection === 1 ? price.gte(order.triggerPrice) : price.lte(order.triggerPrice);
}

export function fireTrigger(turn: Turn, order: OrderRow): void {
  const symbol = symbolOf(turn.state, order.symbol);
  const triggered = updateOrder(turn, order.orderId, { status: 'Triggered' });
  cancelOther(turn, symbol, triggered);
  if (!canAfford(turn, symbol, triggered)) {
    cancelOrderRow(turn, triggered, { cancelType: 'CancelByCannotAffordOrderCost' });
    return;
  }
  const price = triggered.orderType === 'Market' ? toDecimalString(marketLimit(turn, symbol, triggered)) : triggered.price;
  updateOrder(turn, order.orderId, { status: 'New', price });
  executeArrival(turn, order.orderId);
}

function cancelOther(turn: Turn, symbol: SymbolState, order: OrderRow): void {
  if (order.stopOrderType === 'StopLoss') {
    const takeProfit = fullProtection(turn.state, symbol, 'TakeProfit');
    if (takeProfit !== undefined) cancelOrderRow(turn, takeProfit, { cancelType: 'CancelByOCOTpCanceledBySlTriggered' });
  }
  if (order.stopOrderType === 'TakeProfit') {
    const stopLoss = fullProtection(turn.state, symbol, 'StopLoss');
    if (stopLoss !== undefined) cancelOrderRow(turn, stopLoss, { cancelType: 'CancelByOCOSlCanceledByTpTriggered' });
  }
}

/** A conditional order reserves nothing before its trigger, so it is judged here. */
function canAfford(turn: Turn, symbol: SymbolState, order: OrderRow): boolean {
  if (order.reduceOnly) return true;
  const price = order.orderType === 'Market' ? dec(pricesOf(symbol).lastPrice) : dec(order.price);
  const qty = openingPart(symbol, { side: order.side, qty: dec(order.leavesQty) });
  return orderCost(turn.state, symbol, { side: order.side, price, qty }).lte(accountMargin(turn.state).available);
}

/** Whether an open order could make a position larger, or open one. Everything else protects or reduces, and is left alone in an emergency. */
import { isTerminal, type Order } from './order.js';

/** Orders that belong to a position and can only close it (Bybit V5, enum stopOrderType). */
const OF_A_POSITION = ['StopLoss', 'PartialStopLoss', 'TakeProfit', 'PartialTakeProfit', 'TrailingStop'];

export function increasesRisk(order: Pick<Order, 'status' | 'reduceOnly' | 'stopOrderType'>): boolean {
  return !isTerminal(order.status) && !order.reduceOnly && !OF_A_POSITION.includes(order.stopOrderType);
}

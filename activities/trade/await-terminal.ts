/** Waits until the exchange's word on an order is final. Filled orders are known to vanish for a moment between open orders and history (facts: Bybit V5, order/realtime). */
import { BotError } from '../../core/errors/bot-error.js';
import { isTerminal, type Order } from '../../core/orders/order.js';
import type { TradeDependencies } from './trade-dependencies.js';

const POLLS_MAX = 40;
const FIRST_POLL_MS = 10;
const POLL_MS_MAX = 250;

export async function awaitTerminalOrder(deps: TradeDependencies, query: { symbol: string; orderLinkId: string }): Promise<Order> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    const order = await deps.exchange.findOrder(query);
    if (order && isTerminal(order.status)) return order;
    await deps.sleep(Math.min(FIRST_POLL_MS * 2 ** poll, POLL_MS_MAX));
  }
  throw new BotError(20007, `order ${query.orderLinkId} has no final state yet`, { outcome: 'unknown', retryable: true });
}

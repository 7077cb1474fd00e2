/**
 * Lets a symbol come to rest at its present prices: liquidation first, then every due order in order of arrival.
 * It ends because every due order leaves the due ones: a triggered one is no longer conditional, a touched one has had
 * its part of this price step.
 */
import { dec } from '../money/decimal.js';
import type { OrderRow } from './contract.js';
import { openOrdersOf, pricesOf, type SymbolState } from './exchange-state.js';
import { executeTouched, isTouched } from './execute-order.js';
import { liquidateIfNeeded } from './liquidation.js';
import { fireTrigger, isTriggered } from './trigger.js';
import type { Turn } from './turn.js';

export function settle(turn: Turn, symbol: SymbolState): void {
  liquidateIfNeeded(turn, symbol);
  let due = nextDue(turn, symbol);
  while (due !== undefined) {
    if (due.status === 'Untriggered') fireTrigger(turn, due);
    else executeTouched(turn, due.orderId);
    due = nextDue(turn, symbol);
  }
}

function nextDue(turn: Turn, symbol: SymbolState): OrderRow | undefined {
  if (symbol.openOrderIds.length === 0) return undefined;
  return openOrdersOf(turn.state, symbol).find((order) => isDue(turn, symbol, order));
}

/** Whether the present prices make this order act. */
export function isDue(turn: Turn, symbol: SymbolState, order: OrderRow): boolean {
  const prices = pricesOf(symbol);
  if (order.status === 'Untriggered') return isTriggered(order, prices);
  return turn.marketMoves && !turn.matched.has(order.orderId) && isTouched(order, dec(prices.lastPrice));
}

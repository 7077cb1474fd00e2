/** Whether the exchange's word on an order is newer than the ledger's: by update time, then by state, then by what is filled. */
import { dec } from '../money/decimal.js';
import { isTerminal, type Order, type OrderStatus } from '../orders/order.js';

type Word = Pick<Order, 'updatedMs' | 'cumExecQty'> & { status: OrderStatus };

export function isNewerWord(said: Word, recorded: Word | undefined): boolean {
  if (recorded === undefined) return true;
  if (said.updatedMs !== recorded.updatedMs) return said.updatedMs > recorded.updatedMs;
  const further = Number(isTerminal(said.status)) - Number(isTerminal(recorded.status));
  return further > 0 || (further === 0 && dec(said.cumExecQty).gt(dec(recorded.cumExecQty)));
}

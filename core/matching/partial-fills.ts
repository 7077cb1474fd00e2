/** Deterministic splitting of a fill into parts; the sizes are drawn from the plan's seed and the order's id. */
import { Decimal, ZERO, dec, floorToStep, type DecimalString } from '../money/decimal.js';
import type { OrderRow, PartialFillPlan } from './contract.js';
import { drawOf } from './ids.js';

const DRAW_RANGE = 2 ** 32;

/**
 * Parts that add up to `qty`, each a positive multiple of the step: one part without a plan or when there are not two
 * steps to split, else 2..maxParts (fewer when drawn parts round to nothing).
 */
export function splitQty(qty: Decimal, step: DecimalString, order: { orderId: string; plan: PartialFillPlan | null }): Decimal[] {
  const { plan, orderId } = order;
  if (plan === null || plan.maxParts < 2 || qty.lt(dec(step).times(2))) return [qty];
  const count = 2 + (drawOf(plan.seed, orderId) % (plan.maxParts - 1));
  const parts: Decimal[] = [];
  let left = qty;
  for (let index = 0; index < count - 1; index += 1) {
    const share = new Decimal(drawOf(plan.seed, orderId, index)).div(DRAW_RANGE);
    const part = floorToStep(left.times(share), dec(step));
    if (part.gt(0) && part.lt(left)) {
      parts.push(part);
      left = left.minus(part);
    }
  }
  return [...parts, left];
}

/** The next part that a resting order gets from one price step. */
export function nextRestingPart(order: OrderRow, step: DecimalString): Decimal {
  const parts = splitQty(dec(order.qty), step, { orderId: order.orderId, plan: order.partialFills });
  const next = order.fillCount < parts.length - 1 ? parts[order.fillCount] ?? ZERO : dec(order.leavesQty);
  return Decimal.min(next, order.leavesQty);
}

/**
 * Approval of orders that reduce a position. No limit, state or disagreement stands in their way (invariant: protective
 * exits never wait for anything); only what the exchange would refuse anyway is caught.
 *
 * Invariants
 * 1. `ApprovedExit` is constructed here and nowhere else.
 * 2. An exit is on the opposite side, a multiple of the lot step, and never larger than the position.
 */
import { Decimal, dec, floorToStep, toDecimalString, type DecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { ApprovedExit } from '../orders/approved-order.js';
import { orderLinkIdFor, type Leg } from '../orders/ids.js';
import { oppositeSide, type Side } from '../orders/order.js';

export interface ExitInput {
  tradeId: string;
  symbol: string;
  /** exit: a decision of strategy or operator · protect: emergency flatten of an unprotected position */
  leg: Exclude<Leg, 'entry'>;
  /** number of the attempt within this trade and leg, from 0; each order has its own */
  epoch: number;
  position: { side: Side; size: DecimalString };
  /** base coin; absent: the whole position */
  qty?: DecimalString;
  instrument: Pick<Instrument, 'qtyStep'>;
}

export type ExitVerdict =
  | { kind: 'approved'; order: ApprovedExit }
  /** nothing is left to reduce, or less than one lot step was asked for */
  | { kind: 'refused'; code: 20003; message: string };

export function approveExit(input: ExitInput): ExitVerdict {
  const wanted = Decimal.min(dec(input.qty ?? input.position.size), dec(input.position.size));
  const qty = floorToStep(wanted, dec(input.instrument.qtyStep));
  if (qty.lte(0)) {
    const message = `an exit of ${wanted.toFixed()} from a position of ${input.position.size} ${input.symbol} is below one lot step of ${input.instrument.qtyStep}`;
    return { kind: 'refused', code: 20003, message };
  }
  const order = {
    kind: 'exit' as const,
    orderLinkId: orderLinkIdFor(input.tradeId, input.leg, input.epoch),
    tradeId: input.tradeId,
    symbol: input.symbol,
    side: oppositeSide(input.position.side),
    qty: toDecimalString(qty),
  };
  return { kind: 'approved', order: order as ApprovedExit };
}

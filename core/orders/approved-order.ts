/**
 * The only shape in which an order can be sent. `ApprovedOrder` is branded; the constructors live in `core/risk`, so an
 * order that no risk check has seen cannot be spelled. It is plain JSON and crosses workflow boundaries unchanged.
 */
import type { DecimalString } from '../money/decimal.js';
import type { Side } from './order.js';

declare const approved: unique symbol;
interface Approved { readonly [approved]: true }

/** Opens a position; always carries its exchange-side stop in the same request. */
export interface ApprovedEntry extends Approved {
  kind: 'entry';
  orderLinkId: string;
  tradeId: string;
  symbol: string;
  side: Side;
  qty: DecimalString;
  stopLoss: DecimalString;
  /** undefined when the strategy sets none */
  takeProfit?: DecimalString;
  leverage: DecimalString;
}

/** Reduces a position; the exchange enforces reduce-only, so it can never open one. */
export interface ApprovedExit extends Approved {
  kind: 'exit';
  orderLinkId: string;
  tradeId: string;
  symbol: string;
  side: Side;
  qty: DecimalString;
}

export type ApprovedOrder = ApprovedEntry | ApprovedExit;

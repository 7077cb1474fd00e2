/**
 * Whether exchange, ledger and workflow state tell the same story. New entries wait until they do; protective exits never
 * wait for anything.
 */
export type DifferenceKind =
  /** a trade holds a position that the exchange does not have */
  | 'position_missing'
  /** the exchange has a position that no trade holds */
  | 'position_unknown'
  | 'size_differs'
  | 'side_differs'
  /** a position without an exchange-side stop */
  | 'unprotected'
  /** the exchange-side stops cover less than the position */
  | 'protection_insufficient'
  /** an open order with an id of ours whose trade is not open */
  | 'order_unknown'
  /** an open order that neither the bot nor the exchange made */
  | 'order_foreign'
  /** two open trades on one symbol, which one position cannot tell apart */
  | 'symbol_shared';

export interface Difference {
  kind: DifferenceKind;
  symbol: string;
  tradeId?: string;
  /** plain words, with the values of both sides */
  detail: string;
}

export type Agreement =
  | { kind: 'agreed' }
  | { kind: 'differs'; differences: Difference[] }
  /** not compared, or not comparable right now */
  | { kind: 'unknown'; because: string };

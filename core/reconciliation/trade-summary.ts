/**
 * What a trade came to, folded from its executions alone: prices, profit, fees, funding and why it ended.
 *
 * Invariants
 * 1. Profit is booked by `core/portfolio/position`, the accounting of the exchange; fees and funding are the exchange's
 *    own amounts. realisedPnl = grossPnl − fees − funding, exactly.
 * 2. Order and repetition of the executions do not matter.
 */
import { Decimal, ZERO, dec, roundToWalletPrecision, toDecimalString, type DecimalString } from '../money/decimal.js';
import type { Execution, Side } from '../orders/order.js';
import { EMPTY_POSITION, applyFill, type FillEffect, type PositionBook } from '../portfolio/position.js';
import type { ExitReason } from '../ports/ledger.js';
import { exitReasonOf } from './exit-reason.js';
import { inOrder } from './trade-executions.js';

export { executionsOfTrade } from './trade-executions.js';

export interface TradeSummary {
  /** base coin, still open */
  openQty: DecimalString;
  /** base coin, bought or sold by the entry */
  entryQty: DecimalString;
  /** average of the entry fills, 12 decimals; null before the first. For reading: profit is not computed from it */
  entryPrice: DecimalString | null;
  /** average of the exit fills, 12 decimals; null before the first */
  exitPrice: DecimalString | null;
  /** exchange ms of the first entry fill */
  openedMs: number | null;
  /** exchange ms of the last exit fill; null while anything is open */
  closedMs: number | null;
  /** null while anything is open */
  exitReason: ExitReason | null;
  /** USDT, before fees and funding */
  grossPnl: DecimalString;
  /** USDT */
  fees: DecimalString;
  /** USDT, positive is a cost */
  funding: DecimalString;
  /** USDT: grossPnl − fees − funding */
  realisedPnl: DecimalString;
}

interface Tally {
  book: PositionBook;
  entry: { qty: Decimal; value: Decimal; firstMs: number | null };
  exit: { qty: Decimal; value: Decimal; last: Execution | null };
  gross: Decimal;
  fees: Decimal;
  funding: Decimal;
}

const NOTHING_YET: Tally = {
  book: EMPTY_POSITION,
  entry: { qty: ZERO, value: ZERO, firstMs: null },
  exit: { qty: ZERO, value: ZERO, last: null },
  gross: ZERO, fees: ZERO, funding: ZERO,
};

/** `executions` are those of one trade (see `executionsOfTrade`). */
export function summariseTrade({ side, executions }: { side: Side; executions: readonly Execution[] }): TradeSummary {
  const tally = inOrder(executions, side).reduce((tallied, execution) => booked(tallied, execution, side), NOTHING_YET);
  const { book, entry, exit, gross, fees, funding } = tally;
  const openQty = dec(book.signedSize).abs();
  const last = openQty.isZero() ? exit.last : null;
  return {
    openQty: toDecimalString(openQty),
    entryQty: toDecimalString(entry.qty),
    entryPrice: average(entry),
    exitPrice: average(exit),
    openedMs: entry.firstMs,
    closedMs: last?.execMs ?? null,
    exitReason: last === null ? null : exitReasonOf(last),
    grossPnl: toDecimalString(gross),
    fees: toDecimalString(fees),
    funding: toDecimalString(funding),
    realisedPnl: toDecimalString(gross.minus(fees).minus(funding)),
  };
}

function booked(tally: Tally, execution: Execution, side: Side): Tally {
  if (execution.execType === 'Funding') return { ...tally, funding: tally.funding.plus(dec(execution.fee)) };
  const { side: fillSide, price, qty, feeRate } = execution;
  const { book, effect } = applyFill(tally.book, { side: fillSide, price, qty, feeRate });
  return fillSide === side ? withEntry(tally, execution, book) : withExit(tally, execution, { book, effect });
}

function withEntry(tally: Tally, execution: Execution, book: PositionBook): Tally {
  const { entry } = tally;
  const qty = entry.qty.plus(dec(execution.qty));
  const value = entry.value.plus(dec(execution.price).times(dec(execution.qty)));
  const firstMs = entry.firstMs ?? execution.execMs;
  return { ...tally, book, entry: { qty, value, firstMs }, fees: tally.fees.plus(dec(execution.fee)) };
}

/** A fill that goes through zero (somebody else's order) belongs to the trade with the part that closed, and its share of the fee. */
function withExit(tally: Tally, execution: Execution, { book, effect }: { book: PositionBook; effect: FillEffect }): Tally {
  const closed = dec(effect.closedQty);
  if (closed.isZero()) return tally;
  const wentThrough = !dec(effect.openedQty).isZero();
  const fee = wentThrough ? roundToWalletPrecision(dec(execution.fee).times(closed).div(dec(execution.qty))) : dec(execution.fee);
  const qty = tally.exit.qty.plus(closed);
  const value = tally.exit.value.plus(dec(execution.price).times(closed));
  return {
    ...tally,
    book: wentThrough ? EMPTY_POSITION : book,
    exit: { qty, value, last: execution },
    gross: tally.gross.plus(dec(effect.realisedPnl)),
    fees: tally.fees.plus(fee),
  };
}

function average({ qty, value }: { qty: Decimal; value: Decimal }): DecimalString | null {
  return qty.isZero() ? null : toDecimalString(value.div(qty).toDecimalPlaces(12, Decimal.ROUND_HALF_EVEN));
}

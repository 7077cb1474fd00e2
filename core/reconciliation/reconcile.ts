/**
 * Exchange against ledger: what differs, which events explain it, and what of it the exchange proves.
 *
 * Invariants
 * 1. difference = Σ effects of the corrections + Σ movements that are no trading + unexplained, exactly.
 * 2. Only what the exchange proves is to be repaired: facts that it has and the ledger lacks. What the ledger has and the exchange
 *    does not, and what both have with other values, is left to a person.
 */
import { ZERO, dec, toDecimalString, type Decimal, type DecimalString } from '../money/decimal.js';
import { isTerminal, type Execution, type Order } from '../orders/order.js';
import type { TransactionLogEntry } from '../ports/exchange.js';
import type { RecordedOrder } from '../ports/history-ledger.js';
import { correctionsOf, standingOf, symbolsOf, walletOf, type Correction, type SettledBooks } from './account-events.js';
import type { Difference, DifferenceKind } from './agreement.js';
import { isNewerWord } from './newer-word.js';

export interface AccountReading {
  /** USDT, from which the ledger answers for every movement */
  openingBalance: DecimalString;
  /** USDT, by the exchange's transaction log */
  exchangeBalance: DecimalString;
  /** what both books have alike, from the opening on */
  settled: SettledBooks;
  /** what comes after it */
  ledger: readonly Execution[];
  exchange: readonly Execution[];
  /** at least those that belong to no execution */
  transactions: readonly TransactionLogEntry[];
  /** execution ids of funding payments that lack their row in `funding` */
  fundingRowsMissing: readonly string[];
  /** exchange ms of the ledger's executions that name no trade: nobody's, or left so by a repair that was broken off */
  namelessMs: readonly number[];
  openOrders: readonly Order[];
  believedOpen: readonly RecordedOrder[];
  /** of the open trades, against the exchange's positions */
  trades: readonly Difference[];
}

/** Changes the balance and is no execution: a transfer, a bonus. The ledger keeps no record of it. */
export interface Movement {
  id: string;
  type: string;
  change: DecimalString;
  atMs: number;
}

export interface SizeDifference {
  symbol: string;
  /** base coin, signed, by the executions since the opening */
  exchange: DecimalString;
  ledger: DecimalString;
}

export interface OrderDifference {
  /** unknown: the exchange's word on an open order is missing or newer · over: the ledger believes it open, the exchange does not list it */
  kind: 'unknown' | 'over';
  orderId: string;
  orderLinkId: string;
  symbol: string;
}

export interface Reconciliation {
  exchangeBalance: DecimalString;
  ledgerBalance: DecimalString;
  /** exchange − ledger, USDT */
  difference: DecimalString;
  /** in time; the first `LISTED_MAX` */
  corrections: Correction[];
  /** those beyond the list, together */
  further: { count: number; walletEffect: DecimalString };
  movements: Movement[];
  unexplained: DecimalString;
  sizes: SizeDifference[];
  orders: OrderDifference[];
  fundingRowsMissing: number;
  /** instants of executions that name no trade, exchange ms: no difference by themselves, but trades have to be rebuilt to tell */
  namelessMs: number[];
  trades: Difference[];
}

/** Each is measured by folding all executions of its symbol once more. */
const LISTED_MAX = 200;

export function reconcile(reading: AccountReading): Reconciliation {
  const symbols = symbolsOf(reading);
  const { corrections, further } = correctionsOf(reading, LISTED_MAX);
  const movements = movementsOf(reading);
  const ledgerBalance = dec(reading.openingBalance).plus(walletOf(reading.ledger, reading.settled));
  const difference = dec(reading.exchangeBalance).minus(ledgerBalance);
  const explained = sum([...corrections.map(({ walletEffect }) => walletEffect), further.walletEffect, ...movements.map(({ change }) => change)]);
  return {
    exchangeBalance: reading.exchangeBalance, ledgerBalance: toDecimalString(ledgerBalance), difference: toDecimalString(difference),
    corrections, further, movements, unexplained: toDecimalString(difference.minus(explained)),
    sizes: symbols.flatMap((symbol) => sizeDifference(reading, symbol)), orders: orderDifferences(reading), fundingRowsMissing: reading.fundingRowsMissing.length,
    namelessMs: [...reading.namelessMs], trades: [...reading.trades],
  };
}

/** Every entry of the log that belongs to no execution. */
function movementsOf({ transactions, exchange }: AccountReading): Movement[] {
  const traded = new Set(exchange.map(({ execId }) => execId));
  return transactions.filter(({ tradeId, change }) => !traded.has(tradeId) && !dec(change).isZero()).map(({ id, type, change, atMs }) => ({ id, type, change, atMs }));
}

function sizeDifference({ ledger, exchange, settled }: AccountReading, symbol: string): SizeDifference[] {
  const sizes = { exchange: toDecimalString(standingOf(exchange, symbol, settled).size), ledger: toDecimalString(standingOf(ledger, symbol, settled).size) };
  return sizes.exchange === sizes.ledger ? [] : [{ symbol, ...sizes }];
}

function orderDifferences({ openOrders, believedOpen }: AccountReading): OrderDifference[] {
  const recorded = new Map(believedOpen.map((order) => [order.orderId, order]));
  const open = new Set(openOrders.filter(({ status }) => !isTerminal(status)).map(({ orderId }) => orderId));
  const named = ({ orderId, orderLinkId, symbol }: Pick<Order, 'orderId' | 'orderLinkId' | 'symbol'>) => ({ orderId, orderLinkId, symbol });
  return [
    ...openOrders.filter((order) => isNewerWord(order, recorded.get(order.orderId))).map((order): OrderDifference => ({ kind: 'unknown', ...named(order) })),
    ...believedOpen.filter(({ orderId }) => !open.has(orderId)).map((order): OrderDifference => ({ kind: 'over', ...named(order) })),
  ];
}

/** A trade whose row is lost or wrong looks like this; its executions tell. */
const OF_LOST_TRADES: readonly DifferenceKind[] = ['position_missing', 'position_unknown', 'size_differs', 'side_differs', 'order_unknown'];

/** Exchange ms of what the exchange proves and the ledger lacks or may lack, both ends inclusive; undefined: nothing of the kind. */
export function provenSpan({ corrections, further, fundingRowsMissing, namelessMs, trades }: Reconciliation, whole: { fromMs: number; untilMs: number }): { fromMs: number; untilMs: number } | undefined {
  if (fundingRowsMissing > 0 || further.count > 0 || trades.some(({ kind }) => OF_LOST_TRADES.includes(kind))) return whole;
  const missing = corrections.filter(({ kind }) => kind === 'missing').map(({ execution }) => execution.execMs);
  return spanOf([...missing, ...namelessMs]);
}

function spanOf(instants: readonly number[]): { fromMs: number; untilMs: number } | undefined {
  const [first] = instants;
  if (first === undefined) return undefined;
  return instants.reduce((span, ms) => ({ fromMs: Math.min(span.fromMs, ms), untilMs: Math.max(span.untilMs, ms) }), { fromMs: first, untilMs: first });
}

export function agrees({ difference, corrections, further, sizes, orders, fundingRowsMissing, trades }: Reconciliation): boolean {
  return dec(difference).isZero() && corrections.length + further.count + sizes.length + orders.length + fundingRowsMissing + trades.length === 0;
}

function sum(amounts: readonly DecimalString[]): Decimal {
  return amounts.reduce((total: Decimal, amount) => total.plus(dec(amount)), ZERO);
}

/**
 * Reading the simulated exchange. Lists are in the order in which things happened; filters, paging and retention are
 * the server's business.
 */
import type {
  ClosedPnlRow, ExecutionRow, MarketPrices, OrderRow, PositionRow, TransactionRow, UnprotectedSpan, WalletRow,
} from './contract.js';
import { positionRow, walletRow } from './account-view.js';
import { findOrderRow, findSymbol, openOrdersOf, symbolOf, type ExchangeState } from './exchange-state.js';
import { orderIdForLink } from './ids.js';

/** New, PartiallyFilled and Untriggered orders, of one symbol or all. */
export function openOrders(state: ExchangeState, symbol?: string): OrderRow[] {
  const symbols = symbol === undefined ? Object.values(state.symbols) : [symbolOf(state, symbol)];
  return symbols.flatMap((each) => openOrdersOf(state, each));
}

/** Every order ever accepted, open ones included. */
export function orderHistory(state: ExchangeState): OrderRow[] {
  return Object.values(state.orders);
}

/** By orderId, else by orderLinkId; undefined when the exchange does not know it. */
export function findOrder(state: ExchangeState, query: { orderId?: string; orderLinkId?: string }): OrderRow | undefined {
  if (query.orderId !== undefined && query.orderId !== '') return findOrderRow(state, query.orderId);
  if (query.orderLinkId === undefined || query.orderLinkId === '') return undefined;
  return findOrderRow(state, orderIdForLink(state.options.account, query.orderLinkId));
}

export function executions(state: ExchangeState): readonly ExecutionRow[] {
  return state.executions;
}

export function closedPnl(state: ExchangeState): readonly ClosedPnlRow[] {
  return state.closedPnl;
}

export function transactions(state: ExchangeState): readonly TransactionRow[] {
  return state.transactions;
}

export function unprotectedSpans(state: ExchangeState): readonly UnprotectedSpan[] {
  return state.unprotectedSpans;
}

/** Throws a RangeError for a symbol that is not listed. */
export function positionOf(state: ExchangeState, symbol: string): PositionRow {
  return positionRow(state, symbolOf(state, symbol));
}

export function wallet(state: ExchangeState, asOfMs: number): WalletRow {
  return walletRow(state, asOfMs);
}

/** undefined for a symbol that is not listed or has no price yet. */
export function latestPrices(state: ExchangeState, symbol: string): MarketPrices | undefined {
  return findSymbol(state, symbol)?.prices ?? undefined;
}

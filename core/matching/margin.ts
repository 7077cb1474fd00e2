/**
 * Cross margin in USDT, from mark prices (Bybit's unified account since 2025-09).
 *
 * Position: IM = value / leverage + fee to close; MM = value × rate − deduction + fee to close, value = size × mark,
 * fee to close = value × (1 ∓ 1/leverage) × taker (− long, + short). The tier is that of the position's value.
 * Order: price × quantity / leverage + opening fee + fee to close, for what would open; reduce-only and untriggered orders
 * reserve nothing, and an order against the position reserves only what exceeds it.
 * Simplified against Bybit: no haircut (USDT has none), no loss locked in by open orders in the rates.
 */
import { Decimal, ZERO, dec } from '../money/decimal.js';
import { unrealisedPnl } from '../portfolio/position.js';
import type { Side } from '../orders/order.js';
import type { OrderRow } from './contract.js';
import { openOrdersOf, type ExchangeState, type SymbolState } from './exchange-state.js';
import { tierFor } from './risk-tiers.js';

export interface PositionMargin { value: Decimal; initial: Decimal; maintenance: Decimal; unrealised: Decimal }

const ONE = new Decimal(1);
const NO_MARGIN: PositionMargin = { value: ZERO, initial: ZERO, maintenance: ZERO, unrealised: ZERO };

export function positionMargin(state: ExchangeState, symbol: SymbolState): PositionMargin {
  if (symbol.position.signedSize === '0' || symbol.prices === null) return NO_MARGIN;
  const size = dec(symbol.position.signedSize);
  const mark = dec(symbol.prices.markPrice);
  const value = size.abs().times(mark);
  const closing = feeToClose(state, symbol, { value, side: size.isNegative() ? 'Sell' : 'Buy' });
  const tier = tierFor(symbol.riskTiers, value);
  const maintenance = value.times(tier.maintenanceMargin).minus(tier.mmDeduction).plus(closing);
  return { value, initial: value.div(symbol.leverage).plus(closing), maintenance, unrealised: unrealisedPnl(symbol.position, mark) };
}

export interface Solvency { marginBalance: Decimal; maintenance: Decimal }

/** Margin balance and maintenance margin alone: what every price step needs, without looking at any order. */
export function solvency(state: ExchangeState): Solvency {
  let marginBalance = dec(state.walletBalance);
  let maintenance = ZERO;
  for (const symbol of Object.values(state.symbols)) {
    if (symbol.position.signedSize === '0') continue;
    const margin = positionMargin(state, symbol);
    marginBalance = marginBalance.plus(margin.unrealised);
    maintenance = maintenance.plus(margin.maintenance);
  }
  return { marginBalance, maintenance };
}

export interface AccountMargin {
  unrealised: Decimal;
  marginBalance: Decimal;
  positionInitial: Decimal;
  orderInitial: Decimal;
  maintenance: Decimal;
  /** for new orders, never below zero */
  available: Decimal;
}

export function accountMargin(state: ExchangeState): AccountMargin {
  let unrealised = ZERO;
  let positionInitial = ZERO;
  let orderInitial = ZERO;
  let maintenance = ZERO;
  for (const symbol of Object.values(state.symbols)) {
    const margin = positionMargin(state, symbol);
    unrealised = unrealised.plus(margin.unrealised);
    positionInitial = positionInitial.plus(margin.initial);
    maintenance = maintenance.plus(margin.maintenance);
    orderInitial = orderInitial.plus(ordersInitialMargin(state, symbol));
  }
  const marginBalance = dec(state.walletBalance).plus(unrealised);
  const available = Decimal.max(ZERO, marginBalance.minus(positionInitial).minus(orderInitial));
  return { unrealised, marginBalance, positionInitial, orderInitial, maintenance, available };
}

/** What an order of this quantity would have to reserve now; `qty` is only its opening part. */
export function orderCost(state: ExchangeState, symbol: SymbolState, order: { side: Side; price: Decimal; qty: Decimal }): Decimal {
  return order.qty.times(order.price).times(costRate(state, symbol, order.side));
}

/** The part of a quantity that would open or enlarge a position rather than reduce the one that is there. */
export function openingPart(symbol: SymbolState, order: { side: Side; qty: Decimal }): Decimal {
  const held = dec(symbol.position.signedSize).times(order.side === 'Buy' ? -1 : 1);
  return held.gt(0) ? Decimal.max(ZERO, order.qty.minus(held)) : order.qty;
}

function ordersInitialMargin(state: ExchangeState, symbol: SymbolState): Decimal {
  if (symbol.openOrderIds.length === 0) return ZERO;
  const reserving = openOrdersOf(state, symbol).filter(reservesMargin);
  return sideInitialMargin(state, symbol, reserving.filter((order) => order.side === 'Buy'))
    .plus(sideInitialMargin(state, symbol, reserving.filter((order) => order.side === 'Sell')));
}

/** Orders of one side in order of arrival: the first ones use up what only reduces the position. */
function sideInitialMargin(state: ExchangeState, symbol: SymbolState, orders: readonly OrderRow[]): Decimal {
  let qty = ZERO;
  let opened = ZERO;
  let value = ZERO;
  for (const order of orders) {
    qty = qty.plus(order.leavesQty);
    const opening = openingPart(symbol, { side: order.side, qty });
    value = value.plus(opening.minus(opened).times(order.price));
    opened = opening;
  }
  const [first] = orders;
  return first === undefined ? ZERO : value.times(costRate(state, symbol, first.side));
}

/** The share of an order's value that it reserves: initial margin, opening fee and fee to close. */
function costRate(state: ExchangeState, symbol: SymbolState, side: Side): Decimal {
  const closing = feeToClose(state, symbol, { value: ONE, side });
  return ONE.div(symbol.leverage).plus(state.options.takerFeeRate).plus(closing);
}

function reservesMargin(order: OrderRow): boolean {
  return !order.reduceOnly && (order.status === 'New' || order.status === 'PartiallyFilled');
}

/** value × (1 ∓ 1/leverage) × taker: closing happens nearer to bankruptcy than to entry. */
function feeToClose(state: ExchangeState, symbol: SymbolState, position: { value: Decimal; side: Side }): Decimal {
  const share = ONE.div(symbol.leverage).times(position.side === 'Buy' ? -1 : 1).plus(1);
  return position.value.times(share).times(state.options.takerFeeRate);
}

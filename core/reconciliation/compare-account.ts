/**
 * Compares what the bot believes (its open trades) with what the exchange says (positions and open orders).
 *
 * Invariants
 * 1. The exchange is right; a difference says where the bot is wrong, and in which direction.
 * 2. A trade whose entry or exit is under way may hold anything between nothing and its full size; a settled one holds
 *    exactly its size.
 * 3. A position without a live stop is a difference in every state of its trade.
 */
import { dec, type Decimal, type DecimalString, ZERO } from '../money/decimal.js';
import { tradeIdOfOrderLinkId } from '../orders/ids.js';
import { isTerminal, type Order, type Position, type Side } from '../orders/order.js';
import type { Agreement, Difference } from './agreement.js';

/** A trade as the workflow state knows it. */
export interface HeldTrade {
  tradeId: string;
  symbol: string;
  side: Side;
  /** opening: the entry is sent, its outcome not yet known · closing: an exit is sent */
  state: 'opening' | 'open' | 'closing';
  /** base coin: filled quantity; while opening, the quantity asked for */
  qty: DecimalString;
}

export interface AccountView {
  openTrades: readonly HeldTrade[];
  positions: readonly Position[];
  openOrders: readonly Order[];
}

export function compareAccount(view: AccountView): Agreement {
  const positions = view.positions.filter((position) => position.side !== 'None' && !dec(position.size).isZero());
  const differences = [
    ...sharedSymbols(view.openTrades),
    ...view.openTrades.flatMap((trade) => tradeDifferences(trade, positions)),
    ...positions.flatMap((position) => positionDifferences(position, view)),
    ...view.openOrders.flatMap((order) => orderDifferences(order, view.openTrades)),
  ];
  return differences.length === 0 ? { kind: 'agreed' } : { kind: 'differs', differences };
}

function sharedSymbols(trades: readonly HeldTrade[]): Difference[] {
  return trades.flatMap((trade, index) => {
    const first = trades.slice(0, index).find((other) => other.symbol === trade.symbol);
    if (first === undefined) return [];
    return [difference('symbol_shared', trade, `trade ${first.tradeId} is open on ${trade.symbol} as well`)];
  });
}

function tradeDifferences(trade: HeldTrade, positions: readonly Position[]): Difference[] {
  const position = positions.find((candidate) => candidate.symbol === trade.symbol);
  if (position === undefined) {
    if (trade.state !== 'open') return [];
    return [difference('position_missing', trade, `the trade holds ${trade.qty} ${trade.side}, the exchange holds nothing`)];
  }
  if (position.side !== trade.side) {
    return [difference('side_differs', trade, `the trade is ${trade.side} ${trade.qty}, the exchange holds ${position.side} ${position.size}`)];
  }
  const excess = dec(position.size).minus(dec(trade.qty));
  const agrees = trade.state === 'open' ? excess.isZero() : excess.lte(0);
  return agrees ? [] : [difference('size_differs', trade, `the trade (${trade.state}) holds ${trade.qty}, the exchange ${position.size}`)];
}

function positionDifferences(position: Position, { openTrades, openOrders }: AccountView): Difference[] {
  const trade = openTrades.find((candidate) => candidate.symbol === position.symbol);
  const owner = trade ?? { symbol: position.symbol };
  const unknown = trade === undefined ? [difference('position_unknown', owner, `no trade of the bot holds the ${position.side} ${position.size}`)] : [];
  return [...unknown, ...protectionDifferences(position, owner, openOrders)];
}

function protectionDifferences(position: Position, owner: Owner, openOrders: readonly Order[]): Difference[] {
  const stops = openOrders.filter((order) => order.symbol === position.symbol && isStop(order) && order.side !== position.side);
  if (stops.length === 0) {
    if (!dec(position.stopLoss).isZero()) return [];
    return [difference('unprotected', owner, `${position.side} ${position.size} has no exchange-side stop`)];
  }
  const coversAll = stops.some((stop) => dec(stop.qty).isZero());
  const covered = stops.reduce((sum: Decimal, stop) => sum.plus(dec(stop.qty)), ZERO);
  if (coversAll || covered.gte(dec(position.size))) return [];
  return [difference('protection_insufficient', owner, `the stops cover ${covered.toFixed()} of ${position.size}`)];
}

function orderDifferences(order: Order, trades: readonly HeldTrade[]): Difference[] {
  const tradeId = tradeIdOfOrderLinkId(order.orderLinkId);
  if (trades.some((trade) => trade.tradeId === tradeId)) return [];
  if (tradeId !== undefined) {
    return [{ kind: 'order_unknown', symbol: order.symbol, tradeId, detail: `order ${order.orderLinkId} is ${order.status}, its trade is not open` }];
  }
  if (order.stopOrderType !== '' && order.orderLinkId === '') return [];
  return [{ kind: 'order_foreign', symbol: order.symbol, detail: `order ${order.orderLinkId || order.orderId} (${order.side} ${order.qty}) is not the bot's` }];
}

/** A zero quantity means the whole position (Bybit V5, tpslMode Full). */
function isStop(order: Order): boolean {
  return !isTerminal(order.status) && ['StopLoss', 'PartialStopLoss'].includes(order.stopOrderType);
}

type Owner = { symbol: string; tradeId?: string };

function difference(kind: Difference['kind'], { symbol, tradeId }: Owner, detail: string): Difference {
  return tradeId === undefined ? { kind, symbol, detail } : { kind, symbol, tradeId, detail };
}

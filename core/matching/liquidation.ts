/**
 * Liquidation of the cross account when its maintenance margin rate reaches 100 % (Bybit: MMRate = MM / margin balance).
 *
 * The steps and names are Bybit's: cancel the active orders (CancelAllBeforeLiq), look again, then take over
 * (CreateByTakeOver_PassThrough, BustTrade, positionStatus Liq). Simplified: instead of Bybit's undisclosed reduction by
 * tiers, whole positions are taken over, the one with the largest maintenance margin first, until the rate is below
 * 100 %. The take-over price is the one at which the position's share of the margin balance (by maintenance margin) is
 * used up after the closing fee, so the last take-over leaves the wallet at zero or a rounding above it, never below.
 */
import { Decimal, ZERO, ceilToTick, dec, floorToTick, toDecimalString } from '../money/decimal.js';
import { oppositeSide } from '../orders/order.js';
import { openOrdersOf, pricesOf, type ExchangeState, type SymbolState } from './exchange-state.js';
import { fillOrder } from './fill.js';
import { positionMargin, solvency } from './margin.js';
import { addOrder, cancelOrderRow } from './order-store.js';
import { positionSide, positionSize } from './protection.js';
import type { Turn } from './turn.js';

/** Judged when the symbol's price moved; without a position in it nothing can have changed. */
export function liquidateIfNeeded(turn: Turn, symbol: SymbolState): void {
  if (symbol.position.signedSize === '0' || !isLiquidatable(turn.state)) return;
  for (const each of Object.values(turn.state.symbols)) cancelActiveOrders(turn, each);
  while (isLiquidatable(turn.state)) takeOver(turn, heaviestPosition(turn.state));
}

function isLiquidatable(state: ExchangeState): boolean {
  const { maintenance, marginBalance } = solvency(state);
  return maintenance.gt(0) && maintenance.gte(marginBalance);
}

function cancelActiveOrders(turn: Turn, symbol: SymbolState): void {
  for (const order of openOrdersOf(turn.state, symbol)) {
    if (order.status !== 'Untriggered') cancelOrderRow(turn, order, { cancelType: 'CancelAllBeforeLiq' });
  }
}

function heaviestPosition(state: ExchangeState): SymbolState {
  const symbols = Object.values(state.symbols);
  return symbols.reduce((heaviest, symbol) =>
    positionMargin(state, symbol).maintenance.gt(positionMargin(state, heaviest).maintenance) ? symbol : heaviest);
}

function takeOver(turn: Turn, symbol: SymbolState): void {
  const side = positionSide(symbol);
  if (side === 'None') throw new RangeError('liquidation found maintenance margin without a position');
  const price = takeOverPrice(turn.state, symbol);
  const qty = positionSize(symbol);
  symbol.positionStatus = 'Liq';
  const order = addOrder(turn, {
    symbol: symbol.instrument.symbol, side: oppositeSide(side), orderType: 'Market', qty: toDecimalString(qty), price: toDecimalString(price),
    createType: 'CreateByTakeOver_PassThrough', reduceOnly: true, timeInForce: 'IOC', partialFills: null,
  });
  fillOrder(turn, order.orderId, { price, qty, isMaker: false, execType: 'BustTrade' });
}

/** Solves: profit at p − fee at p = −share of the margin balance beyond the mark value. Rounded in the wallet's favour. */
function takeOverPrice(state: ExchangeState, symbol: SymbolState): Decimal {
  const account = solvency(state);
  const margin = positionMargin(state, symbol);
  const share = account.marginBalance.times(margin.maintenance).div(account.maintenance);
  const mark = dec(pricesOf(symbol).markPrice);
  const size = dec(symbol.position.signedSize);
  const tick = dec(symbol.instrument.tickSize);
  const feeRate = new Decimal(state.options.takerFeeRate);
  if (size.gt(0)) {
    const price = mark.times(size).minus(share).div(size.times(new Decimal(1).minus(feeRate)));
    return Decimal.max(tick, ceilToTick(Decimal.max(ZERO, price), tick));
  }
  const price = mark.times(size.abs()).plus(share).div(size.abs().times(feeRate.plus(1)));
  return Decimal.max(tick, floorToTick(price, tick));
}

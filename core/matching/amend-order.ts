/** Amending an order that can still act: absolute values, refused when nothing would change. */
import { ZERO, dec, toDecimalString, type Decimal } from '../money/decimal.js';
import type { AmendOrderCommand, OrderRef, OrderRow } from './contract.js';
import { openOrderFor } from './cancel-order.js';
import { pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { executeArrival, isMarketable } from './execute-order.js';
import { openingPart, orderCost } from './margin.js';
import { judgeMargin, judgeProtection, judgeSize, judgeTrigger, priceInBand } from './order-rules.js';
import { updateOrder } from './order-store.js';
import { isProtection } from './protection.js';
import { readPrice, readProtectionPrice, readQty } from './read-amounts.js';
import { REFUSALS, refuseParameter } from './refusals.js';
import { settle } from './settle.js';
import { seriesPrice } from './trigger.js';
import type { Turn } from './turn.js';

export function amendOrder(turn: Turn, command: AmendOrderCommand): OrderRef {
  const order = openOrderFor(turn.state, command);
  if (order === undefined) return REFUSALS.orderGone('replace');
  const symbol = symbolOf(turn.state, order.symbol);
  const change = changeOf(turn, symbol, { order, command });
  if (Object.entries(change).every(([field, value]) => order[field as keyof OrderRow] === value)) REFUSALS.amendUnchanged();
  judgeAmended(turn, symbol, { order, amended: { ...order, ...change } });
  const updated = updateOrder(turn, order.orderId, change);
  const active = updated.status === 'New' || updated.status === 'PartiallyFilled';
  if (active && isMarketable(turn, { symbol: updated.symbol, side: updated.side, price: dec(updated.price) })) executeArrival(turn, order.orderId);
  settle(turn, symbol);
  return { orderId: order.orderId, orderLinkId: order.orderLinkId };
}

function changeOf(turn: Turn, symbol: SymbolState, given: { order: OrderRow; command: AmendOrderCommand }): Partial<OrderRow> {
  const { order, command } = given;
  const { instrument } = symbol;
  const qty = command.qty === undefined || command.qty === '' ? undefined : readQty(command.qty, instrument);
  const asked = readPrice(command.price, 'price', instrument);
  const price = asked === undefined || order.status === 'Untriggered' ? asked : priceInBand(turn.state, symbol, { side: order.side, price: asked });
  return {
    ...field('qty', qty),
    ...field('price', price),
    ...field('triggerPrice', readPrice(command.triggerPrice, 'triggerPrice', instrument)),
    ...field('stopLoss', readProtectionPrice(command.stopLoss, 'stopLoss', instrument)),
    ...field('takeProfit', readProtectionPrice(command.takeProfit, 'takeProfit', instrument)),
    ...(command.triggerBy && { triggerBy: command.triggerBy }),
    ...(command.slTriggerBy && { slTriggerBy: command.slTriggerBy }),
    ...(command.tpTriggerBy && { tpTriggerBy: command.tpTriggerBy }),
  };
}

function field<Name extends keyof OrderRow>(name: Name, value: Decimal | undefined): Partial<OrderRow> {
  return value === undefined ? {} : { [name]: toDecimalString(value) };
}

function judgeAmended(turn: Turn, symbol: SymbolState, given: { order: OrderRow; amended: OrderRow }): void {
  const { order, amended } = given;
  const waiting = order.status === 'Untriggered';
  if (amended.triggerPrice !== '0' && !waiting) refuseParameter('triggerPrice can be amended only before the trigger');
  if (waiting) judgeTrigger(symbol, { price: dec(amended.triggerPrice), direction: amended.triggerDirection, by: amended.triggerBy || 'LastPrice' });
  if (isProtection(order)) {
    const resized = amended.qty !== order.qty || amended.price !== order.price;
    if (resized || amended.stopLoss !== '0' || amended.takeProfit !== '0') refuseParameter('only the trigger of a take-profit or stop-loss can be amended');
    return;
  }
  if (dec(amended.qty).lte(order.cumExecQty)) REFUSALS.qtyInvalid();
  judgeAttached(symbol, amended);
  judgeResized(turn, symbol, given);
}

function judgeAttached(symbol: SymbolState, amended: OrderRow): void {
  const { stopLoss, takeProfit } = amended;
  if (amended.reduceOnly && (stopLoss !== '0' || takeProfit !== '0')) refuseParameter('takeProfit and stopLoss are not allowed with reduceOnly');
  const level = (price: OrderRow['stopLoss'], by: OrderRow['slTriggerBy']) => {
    const watched = by || 'LastPrice';
    const current = amended.orderType === 'Limit' ? dec(amended.price) : seriesPrice(pricesOf(symbol), watched);
    return { price: dec(price), base: amended.status === 'Untriggered' ? dec(amended.triggerPrice) : current, by: watched };
  };
  judgeProtection(amended.side, { stopLoss: level(stopLoss, amended.slTriggerBy), takeProfit: level(takeProfit, amended.tpTriggerBy) });
}

function judgeResized(turn: Turn, symbol: SymbolState, { order, amended }: { order: OrderRow; amended: OrderRow }): void {
  const { side, orderType, reduceOnly } = amended;
  const price = orderType === 'Limit' ? dec(amended.price) : dec(amended.triggerPrice);
  const closesAll = amended.qty === '0';
  if (!closesAll) judgeSize(symbol.instrument, { qty: dec(amended.qty), price, orderType, reduceOnly });
  if (reduceOnly || order.status === 'Untriggered') return;
  const released = orderCost(turn.state, symbol, {
    side, price: dec(order.price), qty: openingPart(symbol, { side, qty: dec(order.leavesQty) }),
  });
  const leaves = dec(amended.qty).minus(order.cumExecQty);
  if (leaves.gt(ZERO)) judgeMargin(turn.state, symbol, { side, qty: leaves, price, released });
}

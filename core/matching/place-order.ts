/**
 * Accepting an order: everything is read and judged first, then the order is added and meets the market. An accepted
 * order may still end Cancelled (post-only that would take, nothing to fill): the acknowledgement is not the outcome.
 */
import { ZERO, dec, toDecimalString, type Decimal } from '../money/decimal.js';
import type { OrderRef, OrderRow, PlaceOrderCommand, TimeInForce, TriggerBy, TriggerDirection } from './contract.js';
import { findOrderRow, findSymbol, pricesOf, type SymbolState } from './exchange-state.js';
import { executeArrival, marketLimit } from './execute-order.js';
import { orderIdForLink } from './ids.js';
import {
  judgeMargin, judgeOrderCount, judgeProtection, judgeReduceOnly, judgeSize, judgeTrigger, priceInBand, type ProtectionLevel,
} from './order-rules.js';
import { addOrder, type OrderDraft } from './order-store.js';
import { positionSize } from './protection.js';
import { readNumber, readPrice, readProtectionPrice, readQty } from './read-amounts.js';
import { REFUSALS, refuseParameter } from './refusals.js';
import { settle } from './settle.js';
import { seriesPrice } from './trigger.js';
import type { Turn } from './turn.js';

const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;

export function placeOrder(turn: Turn, command: PlaceOrderCommand): OrderRef {
  const symbol = tradableSymbol(turn, command);
  judgeLinkId(turn, command.orderLinkId ?? '');
  const request = readRequest(turn, symbol, command);
  judgeRequest(turn, symbol, { command, request });
  const order = addOrder(turn, draftOf(turn, symbol, { command, request }));
  if (order.status === 'New') executeArrival(turn, order.orderId);
  settle(turn, symbol);
  return { orderId: order.orderId, orderLinkId: order.orderLinkId };
}

/** A listed, priced symbol in one-way mode. */
function tradableSymbol(turn: Turn, command: PlaceOrderCommand): SymbolState {
  const symbol = findSymbol(turn.state, command.symbol);
  if (symbol === undefined) return REFUSALS.symbolInvalid();
  if (symbol.prices === null || symbol.instrument.status !== 'Trading') return REFUSALS.notLive();
  if (symbol.positionMode !== 0 || (command.positionIdx ?? 0) !== 0) return REFUSALS.modeMismatch();
  return symbol;
}

/** Link ids are unique for the life of the account, cancelled orders included. */
function judgeLinkId(turn: Turn, orderLinkId: string): void {
  if (orderLinkId === '') return;
  if (!LINK_ID.test(orderLinkId)) refuseParameter('orderLinkId invalid');
  if (findOrderRow(turn.state, orderIdForLink(turn.state.options.account, orderLinkId)) !== undefined) REFUSALS.duplicateLinkId();
}

interface Request {
  qty: Decimal;
  /** 0: the whole position, taken when the order acts */
  closesAll: boolean;
  /** 0 for market orders */
  price: Decimal;
  trigger: { price: Decimal; direction: TriggerDirection; by: TriggerBy } | undefined;
  stopLoss: ProtectionLevel | undefined;
  takeProfit: ProtectionLevel | undefined;
  reduceOnly: boolean;
  timeInForce: TimeInForce;
}

function readRequest(turn: Turn, symbol: SymbolState, command: PlaceOrderCommand): Request {
  const { instrument } = symbol;
  const closesAll = command.reduceOnly === true && command.closeOnTrigger === true && readNumber(command.qty, 'qty')?.isZero() === true;
  const limit = command.orderType === 'Limit' ? readPrice(command.price, 'price', instrument) ?? refuseParameter('price invalid') : ZERO;
  const trigger = readTrigger(symbol, command);
  const price = limit.isZero() || trigger !== undefined ? limit : priceInBand(turn.state, symbol, { side: command.side, price: limit });
  const base = baseOf(symbol, { limit: price, trigger: trigger?.price });
  const qty = closesAll ? positionSize(symbol) : readQty(command.qty, instrument);
  return {
    qty, closesAll, price, trigger,
    stopLoss: readLevel(symbol, { text: command.stopLoss, field: 'stopLoss', by: command.slTriggerBy, base }),
    takeProfit: readLevel(symbol, { text: command.takeProfit, field: 'takeProfit', by: command.tpTriggerBy, base }),
    reduceOnly: command.reduceOnly ?? command.closeOnTrigger ?? false,
    timeInForce: timeInForceOf(command),
  };
}

function readTrigger(symbol: SymbolState, command: PlaceOrderCommand): Request['trigger'] {
  const price = readPrice(command.triggerPrice, 'triggerPrice', symbol.instrument);
  if (price === undefined) return undefined;
  const direction = command.triggerDirection ?? 0;
  if (direction === 0) return refuseParameter('triggerDirection invalid');
  return { price, direction, by: command.triggerBy ?? 'LastPrice' };
}

/** What attached protection is measured against: the trigger, else the limit, else the present price (Bybit's base price). */
function baseOf(symbol: SymbolState, given: { limit: Decimal; trigger: Decimal | undefined }): (by: TriggerBy) => Decimal {
  if (given.trigger !== undefined) return () => given.trigger ?? ZERO;
  return (by) => (given.limit.isZero() ? seriesPrice(pricesOf(symbol), by) : given.limit);
}

function readLevel(
  symbol: SymbolState,
  given: { text: string | undefined; field: string; by: TriggerBy | undefined; base: (by: TriggerBy) => Decimal },
): ProtectionLevel | undefined {
  const price = readProtectionPrice(given.text, given.field, symbol.instrument);
  if (price === undefined || price.isZero()) return undefined;
  const by = given.by ?? 'LastPrice';
  return { price, by, base: given.base(by) };
}

function timeInForceOf(command: PlaceOrderCommand): TimeInForce {
  if (command.orderType === 'Market') return command.timeInForce === 'FOK' ? 'FOK' : 'IOC';
  return command.timeInForce ?? 'GTC';
}

function judgeRequest(turn: Turn, symbol: SymbolState, given: { command: PlaceOrderCommand; request: Request }): void {
  const { command, request } = given;
  const { side, orderType } = command;
  const { qty, reduceOnly, trigger, stopLoss, takeProfit } = request;
  if (reduceOnly && trigger === undefined) judgeReduceOnly(symbol, side);
  if (reduceOnly && (stopLoss !== undefined || takeProfit !== undefined)) refuseParameter('takeProfit and stopLoss are not allowed with reduceOnly');
  if (command.tpslMode === 'Partial') refuseParameter('tpslMode Partial is not supported on orders');
  if (trigger !== undefined) judgeTrigger(symbol, trigger);
  const price = orderType === 'Limit' ? request.price : trigger?.price ?? dec(pricesOf(symbol).lastPrice);
  if (!request.closesAll) judgeSize(symbol.instrument, { qty, price, orderType, reduceOnly });
  judgeProtection(side, { ...(stopLoss && { stopLoss }), ...(takeProfit && { takeProfit }) });
  judgeSlippageTolerance(command);
  judgeOrderCount(turn.state, symbol, trigger !== undefined);
  if (!reduceOnly && trigger === undefined) judgeMargin(turn.state, symbol, { side, qty, price });
}

function judgeSlippageTolerance(command: PlaceOrderCommand): void {
  if (command.slippageToleranceType === undefined) return;
  const tolerance = readNumber(command.slippageTolerance, 'slippageTolerance');
  if (tolerance === undefined || tolerance.lte(0)) refuseParameter('slippageTolerance invalid');
}

function draftOf(turn: Turn, symbol: SymbolState, given: { command: PlaceOrderCommand; request: Request }): OrderDraft {
  const { command, request } = given;
  const { trigger, stopLoss, takeProfit } = request;
  const tolerance = {
    slippageToleranceType: command.slippageToleranceType ?? ('UNKNOWN' as const),
    slippageTolerance: toDecimalString(readNumber(command.slippageTolerance, 'slippageTolerance') ?? ZERO),
  };
  const price = command.orderType === 'Limit' ? request.price : marketLimit(turn, symbol, { side: command.side, ...tolerance });
  return {
    symbol: command.symbol, side: command.side, orderType: command.orderType, ...tolerance,
    qty: toDecimalString(request.closesAll && trigger !== undefined ? ZERO : request.qty), price: toDecimalString(price),
    orderLinkId: command.orderLinkId ?? '', timeInForce: request.timeInForce, reduceOnly: request.reduceOnly,
    closeOnTrigger: command.closeOnTrigger ?? false,
    ...(trigger && triggerFields(trigger)), ...protectionFields(stopLoss, takeProfit),
    ...(command.partialFills && { partialFills: command.partialFills }),
  };
}

function triggerFields(trigger: NonNullable<Request['trigger']>): Partial<OrderRow> {
  return {
    status: 'Untriggered', stopOrderType: 'Stop', triggerPrice: toDecimalString(trigger.price),
    triggerDirection: trigger.direction, triggerBy: trigger.by,
  };
}

function protectionFields(stopLoss: ProtectionLevel | undefined, takeProfit: ProtectionLevel | undefined): Partial<OrderRow> {
  if (stopLoss === undefined && takeProfit === undefined) return {};
  return {
    tpslMode: 'Full',
    ...(stopLoss && { stopLoss: toDecimalString(stopLoss.price), slTriggerBy: stopLoss.by }),
    ...(takeProfit && { takeProfit: toDecimalString(takeProfit.price), tpTriggerBy: takeProfit.by }),
  };
}

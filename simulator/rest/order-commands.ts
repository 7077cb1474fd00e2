/** Requests that change orders: create, amend, cancel, cancel-all. REST and the trade socket share them. */
import { z } from 'zod';
import type { Reply } from '../../core/matching/contract.js';
import type { ClientCommand } from '../exchange/simulated-exchange.js';
import { invalidParameter } from '../server/refusal.js';
import { choice, flag, given, integer, parseLinear, text, type RawParams } from './params.js';
import type { Answer, PrivateRoute } from './route.js';

export const orderCommandRoutes: readonly PrivateRoute[] = [
  { access: 'Order', method: 'POST', path: '/v5/order/create', handle: (params, context) => asAnswer(context.exchange.submit({ ...createCommand(params), ...context.faults.fillPlan() })) },
  { access: 'Order', method: 'POST', path: '/v5/order/amend', handle: (params, context) => asAnswer(context.exchange.submit(amendCommand(params))) },
  { access: 'Order', method: 'POST', path: '/v5/order/cancel', handle: (params, context) => asAnswer(context.exchange.submit(cancelCommand(params))) },
  { access: 'Order', method: 'POST', path: '/v5/order/cancel-all', handle: (params, context) => asAnswer(context.exchange.submit(cancelAllCommand(params))) },
];

/** An engine's reply on the wire: a refusal has an empty result. */
export function asAnswer(reply: Reply): Answer {
  return 'result' in reply ? { retCode: 0, retMsg: reply.retMsg, result: reply.result } : { retCode: reply.retCode, retMsg: reply.retMsg, result: {} };
}

const side = z.enum(['Buy', 'Sell']);
const triggerBy = choice(['LastPrice', 'MarkPrice', 'IndexPrice']);
const tpslMode = choice(['Full', 'Partial']);

const createSchema = z.object({
  symbol: text, side, orderType: z.enum(['Market', 'Limit']), qty: text, price: text,
  timeInForce: choice(['GTC', 'IOC', 'FOK', 'PostOnly']), positionIdx: integer({ min: 0, max: 2, fallback: 0 }), orderLinkId: text,
  reduceOnly: flag, closeOnTrigger: flag, triggerPrice: text, triggerDirection: integer({ min: 0, max: 2, fallback: 0 }), triggerBy,
  takeProfit: text, stopLoss: text, tpTriggerBy: triggerBy, slTriggerBy: triggerBy, tpslMode,
  slippageToleranceType: choice(['TickSize', 'Percent']), slippageTolerance: text,
});

function createCommand(params: RawParams): ClientCommand {
  const request = parseLinear(createSchema, params);
  const { triggerDirection, ...rest } = request;
  return {
    kind: 'placeOrder', symbol: rest.symbol, side: rest.side, orderType: rest.orderType, qty: rest.qty,
    positionIdx: rest.positionIdx, reduceOnly: rest.reduceOnly, closeOnTrigger: rest.closeOnTrigger,
    triggerDirection: triggerDirection as 0 | 1 | 2,
    ...given({
      price: rest.price, timeInForce: rest.timeInForce, orderLinkId: rest.orderLinkId, triggerPrice: rest.triggerPrice, triggerBy: rest.triggerBy,
      takeProfit: rest.takeProfit, stopLoss: rest.stopLoss, tpTriggerBy: rest.tpTriggerBy, slTriggerBy: rest.slTriggerBy, tpslMode: rest.tpslMode,
      slippageToleranceType: rest.slippageToleranceType, slippageTolerance: rest.slippageTolerance,
    }),
  };
}

const amendSchema = z.object({
  symbol: text, orderId: text, orderLinkId: text, qty: text, price: text, triggerPrice: text, triggerBy,
  takeProfit: text, stopLoss: text, tpTriggerBy: triggerBy, slTriggerBy: triggerBy,
});

function amendCommand(params: RawParams): ClientCommand {
  const { symbol, ...rest } = parseLinear(amendSchema, params);
  requireOrderReference(rest);
  return { kind: 'amendOrder', symbol, ...given(rest) };
}

const cancelSchema = z.object({ symbol: text, orderId: text, orderLinkId: text });

function cancelCommand(params: RawParams): ClientCommand {
  const { symbol, ...rest } = parseLinear(cancelSchema, params);
  requireOrderReference(rest);
  return { kind: 'cancelOrder', symbol, ...given(rest) };
}

const cancelAllSchema = z.object({
  symbol: text, baseCoin: text, settleCoin: text,
  orderFilter: choice(['Order', 'StopOrder', 'OpenOrder', 'tpslOrder']), stopOrderType: text,
});

function cancelAllCommand(params: RawParams): ClientCommand {
  const { ...scope } = parseLinear(cancelAllSchema, params);
  if (scope.symbol === '' && scope.baseCoin === '' && scope.settleCoin === '') throw invalidParameter('params error: symbol, settleCoin or baseCoin is required');
  return { kind: 'cancelAll', ...given(scope) };
}

function requireOrderReference(reference: { orderId: string; orderLinkId: string }): void {
  if (reference.orderId === '' && reference.orderLinkId === '') throw invalidParameter('params error: orderId or orderLinkId is required');
}

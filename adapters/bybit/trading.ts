/**
 * Everything that changes the account.
 *
 * Invariants
 * 1. An order is sent once per call. Whether it may be sent again is the caller's decision, after looking up its link id.
 * 2. `cancelAllOrders` leaves the stops of positions alone: a position must not lose its protection by it.
 */
import type { OrderParamsV5 } from 'bybit-api';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { ApprovedOrder } from '../../core/orders/approved-order.js';
import type { Account, Acknowledgement, Trading } from '../../core/ports/exchange.js';
import { ENDPOINTS } from './endpoints.js';
import type { StopTrigger } from './options.js';
import { orderRequest } from './order-request.js';
import { acknowledgement, cancelledOrders } from './parse/order.js';
import type { RequestParams, RestCaller } from './rest-caller.js';
import type { TradeSocket } from './trade-socket.js';

const LINEAR = { category: 'linear' } as const;
const ONE_WAY_POSITION = 0;
const ONE_WAY_MODE = 0;
const DUPLICATE_LINK_ID = '110072';
const TIMESTAMP_REFUSED = '10002';
/** Bybit cancels at most this many orders per request (docs, `order/cancel-all`). */
const CANCEL_ALL_BATCH = 500;
const MAX_CANCEL_ALL_ROUNDS = 10;
/** Plain orders, then conditional ones; `stopOrderType: Stop` excludes the stops and take-profits of positions. */
const CANCEL_FILTERS = [{ orderFilter: 'Order' }, { orderFilter: 'StopOrder', stopOrderType: 'Stop' }] as const;

export interface TradingDeps {
  rest: RestCaller;
  /** undefined: orders go by REST */
  tradeSocket: TradeSocket | undefined;
  findOrder: Account['findOrder'];
  stopTrigger: StopTrigger;
}

export function createTrading(deps: TradingDeps): Trading {
  const { rest, stopTrigger } = deps;
  return {
    submitOrder: (order) => submitOrder(deps, order),
    cancelOrder: (query) => rest.command({ endpoint: ENDPOINTS.cancelOrder, params: { ...LINEAR, ...query }, kind: 'cancel' }),
    cancelAllOrders: (query) => cancelAllOrders(rest, query?.symbol),
    setProtection: ({ symbol, stopLoss, takeProfit }) => rest.command({
      endpoint: ENDPOINTS.setProtection,
      kind: 'protect',
      params: {
        ...LINEAR, symbol, tpslMode: 'Full', positionIdx: ONE_WAY_POSITION, stopLoss, slTriggerBy: stopTrigger,
        ...(takeProfit === undefined ? {} : { takeProfit, tpTriggerBy: stopTrigger }),
      },
    }),
    setLeverage: (symbol, leverage) => rest.command({
      endpoint: ENDPOINTS.setLeverage, kind: 'setting', params: { ...LINEAR, symbol, buyLeverage: leverage, sellLeverage: leverage },
    }),
    ensureOneWayMode: (symbol) => rest.command({
      endpoint: ENDPOINTS.switchPositionMode, kind: 'setting', params: { ...LINEAR, symbol, mode: ONE_WAY_MODE },
    }),
  };
}

async function submitOrder(deps: TradingDeps, order: ApprovedOrder): Promise<Acknowledgement> {
  try {
    return { ...await sendOrder(deps, order), alreadyKnown: false };
  } catch (error) {
    if (isBotError(error) && error.foreignCode === DUPLICATE_LINK_ID) return earlierOrder(deps, order);
    throw error;
  }
}

/**
 * The trade socket when it is up and authenticated, else REST: a request must never wait inside a socket that is down.
 * An order refused there for its time stamp was not placed, and REST knows how to correct the clock.
 */
async function sendOrder(deps: TradingDeps, order: ApprovedOrder): Promise<Omit<Acknowledgement, 'alreadyKnown'>> {
  const params = orderRequest(order, deps.stopTrigger);
  if (deps.tradeSocket?.isReady() === true) {
    try {
      return await deps.tradeSocket.createOrder(params, order.kind);
    } catch (error) {
      if (!isBotError(error) || error.foreignCode !== TIMESTAMP_REFUSED) throw error;
    }
  }
  const { result } = await deps.rest.call({ endpoint: ENDPOINTS.createOrder, params: plain(params), kind: order.kind }, acknowledgement);
  return result;
}

/** "Duplicate link id" means that an earlier request of ours landed; which order that is, only the exchange can say. */
async function earlierOrder(deps: TradingDeps, order: ApprovedOrder): Promise<Acknowledgement> {
  const known = await deps.findOrder({ symbol: order.symbol, orderLinkId: order.orderLinkId }).catch((error: unknown) => {
    throw notYetVisible(order, error);
  });
  if (known === null) throw notYetVisible(order, undefined);
  return { orderId: known.orderId, orderLinkId: known.orderLinkId, alreadyKnown: true };
}

function notYetVisible(order: ApprovedOrder, cause: unknown): BotError {
  return new BotError(20007, `order/create: the exchange knows ${order.orderLinkId} already but does not show it yet`, {
    outcome: 'unknown', retryable: true, foreignCode: DUPLICATE_LINK_ID, fix: 'Look the order up by its link id', cause,
  });
}

async function cancelAllOrders(rest: RestCaller, symbol: string | undefined): Promise<number> {
  const scope: RequestParams = symbol === undefined ? { settleCoin: 'USDT' } : { symbol };
  let cancelled = 0;
  for (const filter of CANCEL_FILTERS) {
    for (let round = 0; round < MAX_CANCEL_ALL_ROUNDS; round += 1) {
      const request = { endpoint: ENDPOINTS.cancelAllOrders, params: { ...LINEAR, ...scope, ...filter }, kind: 'cancel' as const };
      const { result } = await rest.call(request, cancelledOrders);
      cancelled += result.list.length;
      if (result.list.length < CANCEL_ALL_BATCH) break;
    }
  }
  return cancelled;
}

function plain(params: OrderParamsV5): RequestParams {
  return { ...params };
}

/**
 * Market and account streams in the port's terms.
 *
 * `failed` with 30002 or 30004 is final: the stream has closed itself. `failed` with 40010 is one frame that could not be
 * read, any other error one that a handler threw: the stream goes on, and what the frame said has to be fetched by REST.
 */
import { z } from 'zod';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { AccountStreamHandlers, MarketStreamHandlers, Stream, Streams } from '../../core/ports/exchange.js';
import type { Order } from '../../core/orders/order.js';
import type { Logger } from '../../core/ports/logger.js';
import { classifyRejectReason } from './errors/classify.js';
import type { Redact } from './errors/redactor.js';
import { compareExecutions, executionRow } from './parse/execution.js';
import { klineFrame } from './parse/market.js';
import { orderRow } from './parse/order.js';
import { parsePayload } from './parse/payload.js';
import { positionRow } from './parse/position.js';
import { walletRow } from './parse/wallet.js';
import { openSession } from './stream-session.js';
import type { BybitSocketClient } from './websocket.js';

const ACCOUNT_TOPICS = ['order', 'execution', 'position', 'wallet'] as const;

export interface StreamsDeps {
  /** a client of its own for each stream, so that closing one leaves the others alone */
  createClient: () => BybitSocketClient;
  now: () => number;
  logger: Logger;
  redact: Redact;
}

const accountFrame = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('order'), data: rowsThat(isLinear, orderRow) }),
  z.object({ topic: z.literal('execution'), data: rowsThat(isLinear, executionRow) }),
  z.object({ topic: z.literal('position'), data: rowsThat(isLinear, positionRow) }),
  z.object({ topic: z.literal('wallet'), data: rowsThat(holdsUsdt, walletRow), creationTime: z.number().int() }),
]);
type AccountFrame = z.infer<typeof accountFrame>;

export function createStreams(deps: StreamsDeps): Streams {
  return {
    openMarketStream: (topics, handlers) => openMarketStream(deps, topics.map(({ symbol, interval }) => `kline.${interval}.${symbol}`), handlers),
    openAccountStream: (handlers) => openAccountStream(deps, handlers),
  };
}

function openMarketStream(deps: StreamsDeps, topics: string[], handlers: MarketStreamHandlers): Stream {
  const frame = readFrames(deps, handlers, (raw) => {
    if (isUnfinished(raw)) return;
    for (const candle of parsePayload(klineFrame, raw, frameContext(deps, 'kline stream'))) handlers.candleClosed(candle);
  });
  return openSession({ ...sessionDeps(deps), wsKey: 'v5LinearPublic', topics, handlers: { ...statesOf(handlers), frame } });
}

/** Up to some sixty frames an interval tell of the forming candle only; what nobody uses is not read. */
function isUnfinished(raw: unknown): boolean {
  const data: unknown = typeof raw === 'object' && raw !== null && 'data' in raw ? raw.data : undefined;
  return Array.isArray(data) && data.length > 0 && data.every((update: unknown) => typeof update === 'object' && update !== null && 'confirm' in update && update.confirm === false);
}

function openAccountStream(deps: StreamsDeps, handlers: AccountStreamHandlers): Stream {
  const frame = readFrames(deps, handlers, (raw) => {
    deliver(deps.logger, parsePayload(accountFrame, raw, frameContext(deps, 'account stream')), handlers);
  });
  return openSession({ ...sessionDeps(deps), wsKey: 'v5Private', topics: ACCOUNT_TOPICS, handlers: { ...statesOf(handlers), frame } });
}

function deliver(logger: Logger, frame: AccountFrame, handlers: AccountStreamHandlers): void {
  switch (frame.topic) {
    case 'order':
      noteRejections(logger, frame.data);
      handlers.orders(frame.data);
      return;
    case 'execution':
      handlers.executions([...frame.data].sort(compareExecutions));
      return;
    case 'position':
      handlers.positions(frame.data);
      return;
    case 'wallet':
      for (const row of frame.data) handlers.wallet({ ...row, asOfMs: frame.creationTime });
  }
}

/** How a stop ends whose position is gone, by an exit or by its target: it protects nothing any more, and has not failed. */
const ENDED_WITH_ITS_POSITION = new Set(['CancelByTpSlTsClear', 'CancelByOCOSlCanceledByTpTriggered']);

/** An order can be acknowledged and refused afterwards; people find the reason under our code. */
function noteRejections(logger: Logger, orders: readonly Order[]): void {
  for (const order of orders) {
    const { orderId, orderLinkId, symbol, rejectReason } = order;
    const fields = { orderId, orderLinkId, symbol, rejectReason };
    if (isFailedStop(order)) logger.error('Stop loss execution failed: the exchange gave up a stop order', { code: 20006, ...fields });
    else if (order.status === 'Rejected') logger.warning('The exchange rejected an order after acknowledging it', { code: classifyRejectReason(rejectReason) ?? 30004, ...fields });
  }
}

/** A stop that is given up leaves its position bare; the trade's inspection sets it again or closes. */
function isFailedStop({ stopOrderType, status, cancelType }: Order): boolean {
  return stopOrderType === 'StopLoss' && (status === 'Rejected' || (status === 'Deactivated' && !ENDED_WITH_ITS_POSITION.has(cancelType)));
}

/** Private topics carry the whole account; rows of other products are left out before they are read. */
function rowsThat<T extends z.ZodType>(isOurs: (raw: unknown) => boolean, row: T) {
  return z.array(z.unknown()).transform((rows) => rows.filter(isOurs)).pipe(z.array(row));
}

function isLinear(raw: unknown): boolean {
  const tagged = z.object({ category: z.string() }).safeParse(raw);
  return !tagged.success || tagged.data.category === 'linear';
}

/** A change of another coin alone says nothing of USDT, least of all that there is none. */
function holdsUsdt(raw: unknown): boolean {
  const coins = z.object({ coin: z.array(z.object({ coin: z.string() })) }).safeParse(raw);
  return !coins.success || coins.data.coin.some(({ coin }) => coin === 'USDT');
}

function readFrames(deps: StreamsDeps, handlers: { failed(error: Error): void }, read: (raw: unknown) => void): (raw: unknown) => void {
  return (raw) => {
    try {
      read(raw);
    } catch (error) {
      const failure = error instanceof Error ? error : new BotError(40010, 'a stream frame could not be dealt with');
      deps.logger.error('A stream frame could not be dealt with', { code: isBotError(failure) ? failure.code : 40010, reason: failure.message });
      handlers.failed(failure);
    }
  };
}

function statesOf(handlers: Pick<MarketStreamHandlers, 'state' | 'failed'>): { state: MarketStreamHandlers['state']; failed: (error: BotError) => void } {
  return {
    state: (state, reason) => { handlers.state(state, reason); },
    failed: (error) => { handlers.failed(error); },
  };
}

function sessionDeps(deps: StreamsDeps) {
  return { client: deps.createClient(), now: deps.now, logger: deps.logger, redact: deps.redact };
}

function frameContext(deps: StreamsDeps, what: string) {
  return { what, kind: 'read', redact: deps.redact } as const;
}

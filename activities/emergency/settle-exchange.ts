/**
 * What an emergency does on the exchange: cancels, closes, asks. Used by the workflow's activities and by the path that needs no
 * Temporal; it works on nothing but the exchange.
 *
 * Invariants
 * 1. Nothing here can increase risk: closing orders are reduce-only, whole size at most.
 * 2. Every closing order's id is a function of halt, symbol and epoch, and an epoch is left only when its order is final or was
 *    refused: however often and by whomever this is repeated, no quantity is closed twice.
 * 3. A failing request holds up no other symbol and is tried again; only what the exchange shows counts.
 */
import { closableAtOnce, openPositions, ordersToCancel, type ExchangeView } from '../../core/emergency/decide-round.js';
import { stillOpen, type StillOpen } from '../../core/emergency/words.js';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import type { toDecimalString } from '../../core/money/decimal.js';
import { closeIdFor, orderLinkIdFor } from '../../core/orders/ids.js';
import { isTerminal, type Order } from '../../core/orders/order.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { ClosedSpan } from '../../core/runbooks/emergency-shutdown.js';
import { approveExit } from '../../core/risk/approve-exit.js';

export interface SettleDependencies {
  exchange: Pick<Exchange, 'openOrders' | 'positions' | 'cancelOrder' | 'cancelAllOrders' | 'submitOrder' | 'findOrder' | 'instruments'>;
  /** rejects when the work is to end */
  pause(ms: number): Promise<void>;
  /** host ms */
  now(): number;
  /** how long a request may still be in flight at the exchange after its sender gave up, ms */
  recvWindowMs: number;
}

export interface SettleRequest {
  haltId: string;
  closePositions: boolean;
}

/** Plain words on what was done and what failed. */
export type Note = (what: string) => void;

export interface Settled {
  /** orders that were cancelled, or closing orders that became final */
  count: number;
  /** host ms at which the exchange showed it */
  atMs: number;
}

const CANCELLED_PER_ROUND_MAX = 50;
const IN_FLIGHT_MARGIN_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const PAUSE_MS_MAX = 3_000;
/** Bybit fills a market order within milliseconds; it may take a moment until it shows that. */
const FINAL_POLLS_MAX = 20;
const POLL_MS = 150;

export async function viewOf({ exchange }: { exchange: Pick<Exchange, 'openOrders' | 'positions'> }): Promise<ExchangeView> {
  const [orders, positions] = await Promise.all([exchange.openOrders(), exchange.positions()]);
  return { orders, positions };
}

export interface Look extends StillOpen {
  /** for how long an order that was sent before the latch was set may still arrive, ms */
  inFlightMs: number;
  /** open positions */
  symbols: string[];
  /** exchange ms of the newest change of any of them; 0 when there is none */
  newestMs: number;
}

export async function lookAtExchange(deps: Pick<SettleDependencies, 'exchange' | 'recvWindowMs'>): Promise<Look> {
  return lookOf(await viewOf(deps), deps);
}

export function lookOf(view: ExchangeView, deps: Pick<SettleDependencies, 'recvWindowMs'>): Look {
  const open = openPositions(view.positions);
  return { ...stillOpen(view), inFlightMs: deps.recvWindowMs + IN_FLIGHT_MARGIN_MS, symbols: open.map(({ symbol }) => symbol), newestMs: Math.max(0, ...open.map(({ updatedMs }) => updatedMs)) };
}

/** Resolves when the exchange shows no order any more that can increase risk. */
export async function cancelOrders(deps: SettleDependencies, request: SettleRequest, note: Note): Promise<Settled> {
  let count = 0;
  for (let round = 0; ; round += 1) {
    try {
      // positions decide whether what protects them may go
      const wanted = ordersToCancel(await viewOf(deps), request);
      if (wanted.kind === 'nothing') return { count, atMs: deps.now() };
      const together = wanted.kind === 'all' ? await deps.exchange.cancelAllOrders() : 0;
      // what one request for all does not take is taken one by one
      count += together > 0 ? together : await cancelEach(deps, wanted.orders.slice(0, CANCELLED_PER_ROUND_MAX), note);
    } catch (error) {
      note(`cancelling: ${messageOf(error)}`);
    }
    await deps.pause(pauseAfter(round));
  }
}

async function cancelEach({ exchange }: SettleDependencies, orders: readonly Order[], note: Note): Promise<number> {
  const results = await Promise.allSettled(orders.map(({ symbol, orderId }) => exchange.cancelOrder({ symbol, orderId })));
  const failed = results.filter((result) => result.status === 'rejected');
  const [first] = failed;
  if (first !== undefined) note(`cancelling ${failed.length} of ${orders.length} orders: ${messageOf(first.reason)}`);
  return results.length - failed.length;
}

export interface ClosingWatch {
  note: Note;
  /** what is about to be closed, before it is */
  closing?(span: ClosedSpan): void;
}

/** Resolves when the exchange shows no position any more. */
export async function closeAllPositions(deps: SettleDependencies, request: SettleRequest, { note, closing: tell }: ClosingWatch): Promise<Settled> {
  const closings = new Map<string, Closing>();
  let count = 0;
  for (let round = 0; ; round += 1) {
    try {
      const open = openPositions(await deps.exchange.positions());
      if (open.length === 0) return { count, atMs: deps.now() };
      tell?.({ symbols: open.map(({ symbol }) => symbol), fromMs: Math.max(...open.map(({ updatedMs }) => updatedMs)) });
      const finals = await Promise.all(open.map(async (position) => {
        const closing = closings.get(position.symbol) ?? { epoch: 0, maxQty: undefined };
        closings.set(position.symbol, closing);
        return closeOnce(deps, { request, position, closing, note });
      }));
      count += finals.filter(Boolean).length;
    } catch (error) {
      note(`closing: ${messageOf(error)}`);
    }
    await deps.pause(pauseAfter(round));
  }
}

interface Closing {
  epoch: number;
  /** base coin: most that one market order takes; undefined: not asked yet, or no answer */
  maxQty: ReturnType<typeof toDecimalString> | undefined;
}

interface OneClosing {
  request: SettleRequest;
  position: ReturnType<typeof openPositions>[number];
  closing: Closing;
  note: Note;
}

/** True when its order became final. Never rejects: each symbol has its own troubles. */
async function closeOnce(deps: SettleDependencies, { request, position, closing, note }: OneClosing): Promise<boolean> {
  const { symbol, side, size } = position;
  const tradeId = closeIdFor({ symbol, requestId: request.haltId });
  const query = { symbol, orderLinkId: orderLinkIdFor(tradeId, 'exit', closing.epoch) };
  try {
    const qty = closableAtOnce(size, closing.maxQty);
    // a position is a whole number of lots: its own size is step enough
    const verdict = approveExit({ tradeId, symbol, leg: 'exit', epoch: closing.epoch, position: { side, size }, qty, instrument: { qtyStep: qty } });
    if (verdict.kind === 'refused') return false;
    await deps.exchange.submitOrder(verdict.order);
    const final = await finalOrder(deps, query);
    closing.epoch += 1;
    note(`closing ${side} ${size} ${symbol}: order ${query.orderLinkId} ${final.status.toLowerCase()}, ${final.cumExecQty} filled at ${final.avgPrice}`);
    return true;
  } catch (error) {
    note(`closing ${side} ${size} ${symbol}: ${messageOf(error)}`);
    if (!isRefusal(error)) return false;
    // the next one may fare better, with another quantity at another price
    closing.epoch += 1;
    closing.maxQty ??= await deps.exchange.instruments([symbol]).then(([found]) => found?.maxMarketOrderQty, () => undefined);
    return false;
  }
}

async function finalOrder(deps: SettleDependencies, query: { symbol: string; orderLinkId: string }): Promise<Order> {
  for (let poll = 0; poll < FINAL_POLLS_MAX; poll += 1) {
    const order = await deps.exchange.findOrder(query).catch(() => null);
    if (order !== null && isTerminal(order.status)) return order;
    await deps.pause(POLL_MS);
  }
  throw new Error(`order ${query.orderLinkId} has no final state yet`);
}

/** The exchange has judged the order itself: it does not exist and will not. */
function isRefusal(error: unknown): error is BotError {
  return isBotError(error) && error.outcome === 'definite' && !error.retryable;
}

function pauseAfter(round: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** round, PAUSE_MS_MAX);
}

/** What may be shown of any failure. */
export function messageOf(error: unknown): string {
  if (isBotError(error)) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : 'unknown failure';
}

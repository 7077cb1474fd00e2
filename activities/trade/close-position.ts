/**
 * Closes a position, whole or in part, with one reduce-only market order per epoch.
 *
 * Invariants
 * 1. The order's id is a function of trade, leg and epoch: repeating an epoch never sends a second order.
 * 2. Exits wait for nothing: a ledger that is down delays the record, not the order. The exchange keeps the facts.
 * 3. Reduce-only: whatever happens meanwhile, the position can only shrink.
 */
import { isBotError } from '../../core/errors/bot-error.js';
import type { ApprovedExit } from '../../core/orders/approved-order.js';
import { orderLinkIdFor, type Leg } from '../../core/orders/ids.js';
import { dec, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { approveExit, type ExitVerdict } from '../../core/risk/approve-exit.js';
import { awaitTerminalOrder } from './await-terminal.js';
import { positionOn } from './protection.js';
import type { TradeDependencies } from './trade-dependencies.js';

export interface CloseRequest {
  /** whose ids the order carries */
  trade: Pick<TradeRow, 'tradeId' | 'symbol' | 'decidedMs'>;
  leg: Exclude<Leg, 'entry'>;
  epoch: number;
  /** why, for the record of the intent */
  purpose: string;
  /** base coin: what is to stay open; absent: nothing */
  keep?: DecimalString;
}

const NOTHING = toDecimalString('0');

export type CloseOutcome =
  | { kind: 'flat' }
  /** no more than what was to be kept is open */
  | { kind: 'reduced'; size: DecimalString }
  /** less than the exchange's smallest step was to be closed */
  | { kind: 'refused'; message: string }
  /** the order is final and more than wanted is still there: close again with the next epoch */
  | { kind: 'remains'; size: string; message: string };

export async function closePosition(deps: TradeDependencies, request: CloseRequest): Promise<CloseOutcome> {
  const orderLinkId = orderLinkIdFor(request.trade.tradeId, request.leg, request.epoch);
  const sentBefore = deps.attempt() > 1 && (await deps.exchange.findOrder({ symbol: request.trade.symbol, orderLinkId })) !== null;
  if (!sentBefore) {
    const verdict = await approvedExit(deps, request);
    if (!verdict) return remaining(deps, request, 'nothing to close');
    if (verdict.kind === 'refused' && request.keep !== undefined) return { kind: 'refused', message: verdict.message };
    const refusal = verdict.kind === 'refused' ? verdict.message : await send(deps, request, verdict.order);
    if (refusal) return remaining(deps, request, refusal);
  }
  const final = await awaitTerminalOrder(deps, { symbol: request.trade.symbol, orderLinkId });
  return remaining(deps, request, `order ${final.status.toLowerCase()} ${final.rejectReason || final.cancelType}`.trim());
}

/** undefined when there is nothing (more) to close. */
async function approvedExit(deps: TradeDependencies, { trade, leg, epoch, keep = NOTHING }: CloseRequest): Promise<ExitVerdict | undefined> {
  const position = await positionOn(deps, trade.symbol);
  if (!position || position.side === 'None' || dec(position.size).lte(dec(keep))) return undefined;
  const instrument = await deps.instruments.get(trade.symbol);
  const qty = toDecimalString(dec(position.size).minus(dec(keep)));
  return approveExit({ tradeId: trade.tradeId, symbol: trade.symbol, leg, epoch, instrument, position: { side: position.side, size: position.size }, qty });
}

async function send(deps: TradeDependencies, request: CloseRequest, order: ApprovedExit): Promise<string | undefined> {
  await recordIntent(deps, request, order);
  return submit(deps, order);
}

async function recordIntent(deps: TradeDependencies, request: CloseRequest, order: ApprovedExit): Promise<void> {
  try {
    await deps.ledger.saveIntent({ order, purpose: request.purpose, decidedMs: request.trade.decidedMs });
  } catch (error) {
    if (!isBotError(error)) throw error;
    deps.logger.warning('Exit intent not recorded, sending it all the same', { code: error.code, orderLinkId: order.orderLinkId });
  }
}

/** A definite refusal is an answer (the position may be gone already); anything unclear is thrown and retried under the same id. */
async function submit(deps: TradeDependencies, order: ApprovedExit): Promise<string | undefined> {
  try {
    await deps.exchange.submitOrder(order);
    return undefined;
  } catch (error) {
    if (isBotError(error) && error.outcome === 'definite' && !error.retryable) return error.message;
    throw error;
  }
}

async function remaining(deps: TradeDependencies, { trade, keep = NOTHING }: CloseRequest, message: string): Promise<CloseOutcome> {
  const position = await positionOn(deps, trade.symbol);
  if (!position || dec(position.size).isZero()) return { kind: 'flat' };
  return dec(position.size).lte(dec(keep)) ? { kind: 'reduced', size: position.size } : { kind: 'remains', size: position.size, message };
}

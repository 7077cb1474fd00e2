/**
 * Closes a trade's position with one reduce-only market order per epoch.
 *
 * Invariants
 * 1. The order's id is a function of trade, leg and epoch: repeating an epoch never sends a second order.
 * 2. Exits wait for nothing: a ledger that is down delays the record, not the order. The exchange keeps the facts.
 * 3. Reduce-only: whatever happens meanwhile, the position can only shrink.
 */
import { isBotError } from '../../core/errors/bot-error.js';
import type { ApprovedExit } from '../../core/orders/approved-order.js';
import { orderLinkIdFor, type Leg } from '../../core/orders/ids.js';
import { dec } from '../../core/money/decimal.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { approveExit, type ExitVerdict } from '../../core/risk/approve-exit.js';
import { awaitTerminalOrder } from './await-terminal.js';
import { positionOn } from './protection.js';
import type { TradeDependencies } from './trade-dependencies.js';

export interface CloseRequest {
  trade: TradeRow;
  leg: Exclude<Leg, 'entry'>;
  epoch: number;
  /** why, for the record of the intent */
  purpose: string;
}

export type CloseOutcome =
  | { kind: 'flat' }
  /** the order is final and the position is still there: close again with the next epoch */
  | { kind: 'remains'; size: string; message: string };

export async function closePosition(deps: TradeDependencies, request: CloseRequest): Promise<CloseOutcome> {
  const orderLinkId = orderLinkIdFor(request.trade.tradeId, request.leg, request.epoch);
  const sentBefore = deps.attempt() > 1 && (await deps.exchange.findOrder({ symbol: request.trade.symbol, orderLinkId })) !== null;
  if (!sentBefore) {
    const verdict = await approvedExit(deps, request);
    if (!verdict) return { kind: 'flat' };
    const refusal = verdict.kind === 'refused' ? verdict.message : await send(deps, request, verdict.order);
    if (refusal) return remaining(deps, request.trade.symbol, refusal);
  }
  const final = await awaitTerminalOrder(deps, { symbol: request.trade.symbol, orderLinkId });
  return remaining(deps, request.trade.symbol, `order ${final.status.toLowerCase()} ${final.rejectReason || final.cancelType}`.trim());
}

async function approvedExit(deps: TradeDependencies, { trade, leg, epoch }: CloseRequest): Promise<ExitVerdict | undefined> {
  const position = await positionOn(deps, trade.symbol);
  if (!position || position.side === 'None') return undefined;
  const instrument = await deps.instruments.get(trade.symbol);
  return approveExit({ tradeId: trade.tradeId, symbol: trade.symbol, leg, epoch, instrument, position: { side: position.side, size: position.size } });
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

async function remaining(deps: TradeDependencies, symbol: string, message: string): Promise<CloseOutcome> {
  const position = await positionOn(deps, symbol);
  return position && !dec(position.size).isZero() ? { kind: 'remains', size: position.size, message } : { kind: 'flat' };
}

/**
 * Sends the entry of a trade, with its exchange-side stop in the same request.
 *
 * Invariants
 * 1. Trade and intent stand in the ledger before the exchange hears of the order; the leverage may be set meanwhile.
 * 2. However often this runs, at most one order exists: the link id is the same each time and the exchange refuses a second.
 * 3. "refused" is only said when no order exists and none can appear any more.
 * 4. The emergency latch is read right before every send; when it cannot be read nothing is sent.
 */
import type { BotError } from '../../core/errors/bot-error.js';
import { isBotError } from '../../core/errors/bot-error.js';
import type { ErrorCode } from '../../core/errors/catalogue.js';
import type { ApprovedEntry } from '../../core/orders/approved-order.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { marketNow } from './market-now.js';
import type { TradeDependencies } from './trade-dependencies.js';

export interface EntryRequest {
  trade: TradeRow;
  order: ApprovedEntry;
  /** true when an earlier activity for the same entry failed: its order may be on the exchange */
  isRepeated?: boolean;
}

export type EntryPlacement =
  /** null: an earlier attempt had sent it */
  | { kind: 'placed'; orderLinkId: string; sentAtMs: number | null; acknowledgedAtMs: number | null }
  | { kind: 'refused'; code: ErrorCode; message: string };

type Refused = Extract<EntryPlacement, { kind: 'refused' }>;

const IN_FLIGHT_MARGIN_MS = 1_000;

export async function placeEntry(deps: TradeDependencies, request: EntryRequest): Promise<EntryPlacement> {
  const { order } = request;
  const recorded = record(deps, request);
  if (deps.attempt() > 1 || request.isRepeated === true) {
    await recorded;
    const settled = await resolveEarlierAttempt(deps, request);
    if (settled) return settled;
  }
  const [refusedLeverage] = await Promise.all([refusalOf(() => deps.exchange.setLeverage(order.symbol, order.leverage)), recorded]);
  return refusedLeverage ?? (await haltedBy(deps)) ?? send(deps, order);
}

async function send(deps: TradeDependencies, order: ApprovedEntry): Promise<EntryPlacement> {
  const sentAtMs = deps.now();
  const refused = await refusalOf(() => deps.exchange.submitOrder(order));
  return refused ?? { kind: 'placed', orderLinkId: order.orderLinkId, sentAtMs, acknowledgedAtMs: deps.now() };
}

async function haltedBy({ latch }: TradeDependencies): Promise<Refused | undefined> {
  const held = await latch.read();
  if (held === null) return undefined;
  return { kind: 'refused', code: 10009, message: `entry not sent: emergency stop ${held.haltId} holds (${held.reason})` };
}

function foundOnExchange({ orderLinkId }: ApprovedEntry): EntryPlacement {
  return { kind: 'placed', orderLinkId, sentAtMs: null, acknowledgedAtMs: null };
}

async function record(deps: TradeDependencies, { trade, order }: EntryRequest): Promise<void> {
  await Promise.all([deps.ledger.saveTrade(trade), deps.ledger.saveIntent({ order, purpose: 'entry', decidedMs: trade.decidedMs })]);
}

/** An earlier attempt may have reached the exchange before its worker died: ask first. */
async function resolveEarlierAttempt(deps: TradeDependencies, { trade, order }: EntryRequest): Promise<EntryPlacement | undefined> {
  if (await deps.exchange.findOrder(order)) return foundOnExchange(order);
  const halted = await haltedBy(deps);
  const lateMs = (await marketNow(deps.exchange, order.symbol)) - trade.decidedMs;
  if (halted === undefined && lateMs < deps.staleAfterMs) return undefined;
  // Not to be placed any more, but only sure that it is absent once nothing can be in flight any more.
  await deps.sleep(deps.recvWindowMs + IN_FLIGHT_MARGIN_MS);
  if (await deps.exchange.findOrder(order)) return foundOnExchange(order);
  return halted ?? { kind: 'refused', code: 40002, message: `entry not sent: the market is ${Math.round(lateMs / 1000)} s past the decision` };
}

/** undefined when the exchange took it. Anything but a final refusal is thrown. */
async function refusalOf(run: () => Promise<unknown>): Promise<EntryPlacement | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (isBotError(error) && isFinalRefusal(error)) return { kind: 'refused', code: error.code, message: error.message };
    throw error;
  }
}

/** The exchange judged the order itself (20xxx): a later order may fare better, this decision's will not be sent again. */
function isFinalRefusal(error: BotError): boolean {
  return error.outcome === 'definite' && (!error.retryable || isTradingCode(error.code));
}

function isTradingCode(code: ErrorCode): boolean {
  return code >= 20_000 && code < 30_000;
}

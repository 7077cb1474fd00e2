/**
 * The steps of the emergency shutdown. Each can be repeated at any time: setting, cancelling and asking are idempotent.
 *
 * Invariants
 * 1. Protection stays: stops, take-profits and every other reduce-only order are never cancelled.
 * 2. No step depends on another's success: with Temporal's bot, the ledger or one latch place away, the others go on.
 */
import { catalogueEntry } from '../../core/errors/catalogue.js';
import { dec } from '../../core/money/decimal.js';
import { increasesRisk } from '../../core/orders/increases-risk.js';
import type { Order } from '../../core/orders/order.js';
import type { EmergencyLatch, Latch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import { withActivityFailures } from '../failure.js';

/** obeyed: the bot has answered · queued: Temporal holds the order for it · absent: no bot runs; it reads the latch when it starts */
export type HaltAnswer = 'obeyed' | 'queued' | 'absent';

export interface EmergencyDependencies {
  exchange: Pick<Exchange, 'openOrders' | 'positions' | 'cancelOrder' | 'cancelAllOrders'>;
  ledger(): Promise<Pick<Ledger, 'saveEvent'>>;
  latch: EmergencyLatch;
  haltBot(latch: Latch): Promise<HaltAnswer>;
  /** how long a request may still be in flight at the exchange after its sender gave up, ms */
  recvWindowMs: number;
  logger: Logger;
}

export interface RiskLeft {
  /** open orders that could increase risk, in plain words */
  orders: string[];
  /** open positions with their stops, in plain words */
  positions: string[];
  /** for how long an order that was sent before the latch was set may still arrive, ms */
  inFlightMs: number;
}

/** Cancelled one by one in a single call: the exchange takes 10 a second. */
const CANCELLED_PER_CALL_MAX = 50;
const IN_FLIGHT_MARGIN_MS = 1_000;

export type EmergencyActivities = ReturnType<typeof createEmergencyActivities>;

export function createEmergencyActivities(deps: EmergencyDependencies) {
  return withActivityFailures({
    setLatch: (latch: Latch) => setLatch(deps, latch),
    haltBot: (latch: Latch) => deps.haltBot(latch),
    cancelRiskOrders: () => cancelRiskOrders(deps),
    findRisk: () => findRisk(deps),
    recordEmergency: (event: { latch: Latch; message: string }) => recordEmergency(deps, event),
  }, deps.logger);
}

/** Returns the latch in force: an earlier halt stays. */
async function setLatch({ latch, logger }: EmergencyDependencies, wanted: Latch): Promise<Latch> {
  logger.critical(`Emergency stop activated by ${wanted.actor}: ${wanted.reason}`, { code: 10009, haltId: wanted.haltId });
  await latch.set(wanted);
  return (await latch.read()) ?? wanted;
}

/** Returns how many were cancelled. Without a reduce-only order beside them one request cancels all. */
async function cancelRiskOrders({ exchange }: EmergencyDependencies): Promise<number> {
  const open = await exchange.openOrders();
  const risky = open.filter(increasesRisk);
  if (risky.length === 0) return 0;
  if (!open.some(isPlainReduction)) return exchange.cancelAllOrders();
  const batch = risky.slice(0, CANCELLED_PER_CALL_MAX);
  for (const { symbol, orderId } of batch) await exchange.cancelOrder({ symbol, orderId });
  return batch.length;
}

/** A reduce-only order that is not attached to a position: cancel-all would take it along. */
function isPlainReduction(order: Order): boolean {
  return order.reduceOnly && (order.stopOrderType === '' || order.stopOrderType === 'Stop');
}

async function findRisk({ exchange, recvWindowMs }: EmergencyDependencies): Promise<RiskLeft> {
  const [orders, positions] = await Promise.all([exchange.openOrders(), exchange.positions()]);
  return {
    orders: orders.filter(increasesRisk).map(({ symbol, side, qty, orderLinkId, orderId }) => `${side} ${qty} ${symbol} (${orderLinkId || orderId})`),
    positions: positions.filter(({ size }) => !dec(size).isZero())
      .map(({ symbol, side, size, stopLoss }) => `${side} ${size} ${symbol}, ${dec(stopLoss).isZero() ? 'WITHOUT A STOP' : `stop ${stopLoss}`}`),
    inFlightMs: recvWindowMs + IN_FLIGHT_MARGIN_MS,
  };
}

async function recordEmergency({ ledger, logger }: EmergencyDependencies, { latch, message }: { latch: Latch; message: string }): Promise<void> {
  const { severity } = catalogueEntry(10009);
  logger[severity](message, { code: 10009, haltId: latch.haltId });
  const { haltId, atMs, reason, actor } = latch;
  await (await ledger()).saveEvent({
    eventId: `emergency-${haltId}`, atMs, code: 10009, severity, source: 'emergency-shutdown', message, context: { haltId, reason, actor },
  });
}

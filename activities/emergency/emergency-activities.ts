/**
 * The steps of the emergency shutdown. Each can be repeated at any time: setting, cancelling, closing and asking are idempotent.
 *
 * Invariants
 * 1. While a position is open its protection stays: stops, take-profits and every other reduce-only order.
 * 2. No step depends on another's success: with Temporal's bot, the ledger or one latch place away, the others go on.
 */
import { isSettled } from '../../core/emergency/decide-round.js';
import { openInWords } from '../../core/emergency/words.js';
import type { EmergencyLatch, Latch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { NotificationChannel } from '../../core/ports/notifier.js';
import type { PlanFindings } from '../../core/runbooks/plan.js';
import type { EmergencyShutdownParams } from '../../core/runbooks/emergency-shutdown.js';
import { withActivityFailures } from '../failure.js';
import type { InstrumentSource } from '../instrument-source.js';
import { planned, type PlanDependencies } from '../runbooks/framework/planned.js';
import { recordEmergency, type EmergencyRecord } from './record-emergency.js';
import { notifyChannel, noteUnnotified, type ChannelNotification } from './notify.js';
import { cancelOrders, closeAllPositions, lookAtExchange, lookOf, viewOf, type Look, type Note, type SettleDependencies, type SettleRequest, type Settled } from './settle-exchange.js';

/** obeyed: the bot has answered · queued: Temporal holds the order for it · absent: no bot runs; it reads the latch when it starts */
export type HaltAnswer = 'obeyed' | 'queued' | 'absent';

export interface EmergencyDependencies extends Omit<SettleDependencies, 'exchange'>, PlanDependencies {
  exchange: SettleDependencies['exchange'] & Pick<Exchange, 'orderHistory' | 'executions'>;
  instruments: Pick<InstrumentSource, 'get'>;
  ledger(): Promise<Ledger>;
  latch: EmergencyLatch;
  haltBot(latch: Latch): Promise<HaltAnswer>;
  channels: readonly NotificationChannel[];
  /** paper, demo, testnet or live */
  mode: string;
  logger: Logger;
}

export interface Verification extends Look {
  settled: boolean;
}

export type EmergencyActivities = ReturnType<typeof createEmergencyActivities>;

export function createEmergencyActivities(deps: EmergencyDependencies) {
  const logged = (haltId: string): Note => (what) => deps.logger.warning(`Emergency: ${what}`, { haltId });
  return withActivityFailures({
    planEmergencyShutdown: planned('emergencyShutdown', deps, (params) => findings(deps, params)),
    setLatch: (latch: Latch): Promise<Latch> => setLatch(deps, latch),
    haltBot: (latch: Latch): Promise<HaltAnswer> => deps.haltBot(latch),
    lookAtExchange: (): Promise<Look> => lookAtExchange(deps),
    cancelOrders: (request: SettleRequest): Promise<Settled> => cancelOrders(deps, request, logged(request.haltId)),
    closeAllPositions: (request: SettleRequest): Promise<Settled> => closeAllPositions(deps, request, { note: logged(request.haltId) }),
    verifyExchange: (request: SettleRequest): Promise<Verification> => verify(deps, request),
    notificationChannels: () => Promise.resolve({ channels: deps.channels.map(({ name }) => name), mode: deps.mode }),
    notifyChannel: (request: ChannelNotification): Promise<string> => notifyChannel(deps, request),
    noteUnnotified: (request: { eventId: string; title: string; because: string }): Promise<void> => noteUnnotified(deps, request),
    recordEmergency: (record: EmergencyRecord): Promise<void> => recordEmergency(deps, record),
  }, deps.logger);
}

async function findings(deps: EmergencyDependencies, { close_positions: closePositions, stop_services: services }: EmergencyShutdownParams): Promise<PlanFindings> {
  const [look, held] = await Promise.all([lookAtExchange(deps), deps.latch.read()]);
  const positions = closePositions ? 'close with reduce-only orders at market' : 'leave open under their stops';
  return {
    targets: ['the emergency latch', 'the bot', 'all orders', ...(closePositions ? ['all positions'] : []), ...services],
    effects: [
      'no order that increases risk is sent any more, by any process, until releaseEmergency',
      `cancel: ${look.orders.join('; ') || 'no order is open that could increase risk'}`,
      `${positions}: ${look.positions.join('; ') || 'no position is open'}`,
      'save the state, notify, say what has to be done by hand',
      ...(services.length === 0 ? [] : [`stop ${services.join(' and ')}`]),
    ],
    warnings: held === null ? [] : [`the latch is set already, by ${held.haltId}`],
    refusals: [],
    found: { orders: look.orders, positions: look.positions, latch: held?.haltId ?? null },
  };
}

/** Returns the latch in force: an earlier halt stays. */
async function setLatch({ latch, logger }: EmergencyDependencies, wanted: Latch): Promise<Latch> {
  logger.critical(`Emergency stop activated by ${wanted.actor}: ${wanted.reason}`, { code: 10009, haltId: wanted.haltId });
  await latch.set(wanted);
  return (await latch.read()) ?? wanted;
}

async function verify(deps: EmergencyDependencies, request: SettleRequest): Promise<Verification> {
  const view = await viewOf(deps);
  const look = lookOf(view, deps);
  const settled = isSettled(view, request) && look.orders.length === 0 && (!request.closePositions || look.positions.length === 0);
  deps.logger.info(`Emergency: asked the exchange: ${openInWords(look)}`, { haltId: request.haltId, settled });
  return { ...look, settled };
}

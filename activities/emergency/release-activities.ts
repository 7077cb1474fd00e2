/**
 * The steps that end an emergency stop. Each can be repeated at any time.
 *
 * Invariant: the latch is cleared after the bot has consented, never before; what it consents to is what the exchange says now.
 */
import { stillOpen } from '../../core/emergency/words.js';
import { openPositions } from '../../core/emergency/decide-round.js';
import { BotError } from '../../core/errors/bot-error.js';
import { dec } from '../../core/money/decimal.js';
import type { EmergencyLatch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { PlanFindings } from '../../core/runbooks/plan.js';
import type { ReleaseEmergencyParams } from '../../core/runbooks/release-emergency.js';
import { OPENING_STATE } from '../decision/account-sync.js';
import { withActivityFailures } from '../failure.js';
import { planned, type PlanDependencies } from '../runbooks/framework/planned.js';
import { EXECUTION_LOOK_BACK_MS } from '../trade/trade-facts.js';
import { viewOf, type SettleDependencies } from './settle-exchange.js';

export interface ReleaseOrder {
  haltId: string;
  reason: string;
  actor: string;
}

export interface ReleaseDependencies extends PlanDependencies {
  exchange: Pick<SettleDependencies['exchange'], 'openOrders' | 'positions'> & Pick<Exchange, 'executions'>;
  ledger(): Promise<Ledger>;
  latch: EmergencyLatch;
  /** Resolves with the bot's own words. Rejects when it refuses, and retryable while nobody answers. */
  releaseBot(order: ReleaseOrder): Promise<string>;
  /** ids of emergency shutdowns that run now */
  shutdownsUnderWay(): Promise<string[]>;
  logger: Logger;
}

export type ReleaseActivities = ReturnType<typeof createReleaseActivities>;

export function createReleaseActivities(deps: ReleaseDependencies) {
  return withActivityFailures({
    planReleaseEmergency: planned('releaseEmergency', deps, (params) => findings(deps, params)),
    assertProtected: (): Promise<string> => assertProtected(deps),
    levelExecutions: (): Promise<string> => levelExecutions(deps),
    releaseBot: async (order: ReleaseOrder): Promise<string> => {
      await heldBy(deps, order.haltId);
      return deps.releaseBot(order);
    },
    clearLatch: (order: ReleaseOrder): Promise<string> => clearLatch(deps, order),
  }, deps.logger);
}

async function findings(deps: ReleaseDependencies, { halt_id: haltId }: ReleaseEmergencyParams): Promise<PlanFindings> {
  const [held, running, view] = await Promise.all([deps.latch.read(), deps.shutdownsUnderWay(), viewOf(deps)]);
  const { orders, positions } = stillOpen(view);
  const refusals = [
    ...(held === null ? ['no emergency stop is in force: nothing is to be released'] : []),
    ...(held !== null && held.haltId !== haltId ? [`the halt in force is ${held.haltId}, not ${haltId}: give that one, if it is to end`] : []),
    ...running.map((id) => `${id} is still at it: wait for its end (npx bot watch ${id})`),
  ];
  return {
    targets: ['the emergency latch', 'the bot'],
    effects: [
      held === null ? 'nothing' : `halt ${held.haltId} of ${new Date(held.atMs).toISOString()} ends (${held.actor}: ${held.reason})`,
      'before that the ledger is brought level with the exchange, and the bot compares itself with it; a difference keeps the latch set',
      'the bot is paused afterwards, until it is resumed',
    ],
    warnings: [...positions.map((position) => `open: ${position}`), ...orders.map((order) => `an order that can increase risk is open: ${order}`)],
    refusals,
    found: { latch: held?.haltId ?? null, orders, positions },
  };
}

async function assertProtected(deps: ReleaseDependencies): Promise<string> {
  const open = openPositions((await viewOf(deps)).positions);
  const bare = open.filter(({ stopLoss }) => dec(stopLoss).isZero());
  if (bare.length > 0) {
    throw new BotError(20006, `open without a stop: ${bare.map(({ symbol }) => symbol).join(', ')}`, { retryable: false, fix: 'close them (POST /api/v1/positions/{symbol}/close), then release again' });
  }
  return open.length === 0 ? 'the exchange shows no position' : `${open.length} positions, each with its stop`;
}

async function levelExecutions({ exchange, ledger }: ReleaseDependencies): Promise<string> {
  const open = await ledger();
  const newestMs = await open.newestExecutionMs();
  const fromMs = newestMs > 0 ? newestMs - EXECUTION_LOOK_BACK_MS : Number((await open.state(OPENING_STATE))?.['fromMs'] ?? 0);
  if (fromMs <= 0) return 'nothing was ever traded';
  const found = await exchange.executions({ fromMs });
  const added = await open.saveExecutions(found);
  return added === 0 ? `the ledger has all ${found.length} executions since ${new Date(fromMs).toISOString()}` : `${added} executions were missing in the ledger and are written`;
}

async function clearLatch({ latch, logger }: ReleaseDependencies, { haltId, reason, actor }: ReleaseOrder): Promise<string> {
  await latch.clear(haltId);
  logger.warning(`Emergency stop ${haltId} released by ${actor}: ${reason}`, { haltId });
  return `no place holds halt ${haltId} any more`;
}

async function heldBy({ latch }: ReleaseDependencies, haltId: string): Promise<void> {
  const held = await latch.read();
  if (held === null || held.haltId === haltId) return;
  throw new BotError(10009, `the emergency latch is held by ${held.haltId} by now, not by ${haltId}`, { retryable: false, fix: `release ${held.haltId}, if that is the halt to be ended` });
}

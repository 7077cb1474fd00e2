/**
 * The bot's view of the world, with a time limit on everything. Failures are answers: the caller waits for the next occasion.
 *
 * Invariant: no local activities. The bot takes messages while it waits, and a local activity that ends meanwhile is replayed
 * in another order than it ran in (docs/adr/0007-no-local-activities-in-the-bot.md).
 */
import { proxyActivities } from '@temporalio/workflow';
import type { DecisionActivities } from '../../activities/decision/decision-activities.js';

/** A worker says that it lives every second (workers/activity-context.ts), so its death costs no more than this. */
const heartbeatTimeout = 4_000;

/** Reads of the exchange and the ledger: one attempt, because the loop that asks is itself the retry. */
export const reads = proxyActivities<Pick<DecisionActivities, 'evaluateBoundary' | 'newestBoundary' | 'tradeFromLedger' | 'accountNow' | 'lotRules'>>({
  scheduleToCloseTimeout: 20_000,
  heartbeatTimeout,
  retry: { maximumAttempts: 1 },
});

/** Idempotent writes to the ledger. */
export const writes = proxyActivities<Pick<DecisionActivities, 'recordDecision' | 'saveBotMemory' | 'recordEvent'>>({
  scheduleToCloseTimeout: 5_000,
  heartbeatTimeout,
  retry: { maximumAttempts: 1 },
});

/** The first look at the ledger cannot be skipped: it is repeated until the ledger answers. */
export const recovery = proxyActivities<Pick<DecisionActivities, 'recoverBot'>>({
  startToCloseTimeout: 10_000,
  heartbeatTimeout,
  retry: { initialInterval: 500, backoffCoefficient: 1.5, maximumInterval: 5_000 },
});

/** The bot's view of the world, with a time limit on everything. Failures are answers: the caller waits for the next occasion. */
import { proxyLocalActivities } from '@temporalio/workflow';
import type { DecisionActivities } from '../../activities/decision/decision-activities.js';

/** Reads of the exchange and the ledger: one attempt, because the loop that asks is itself the retry. */
export const reads = proxyLocalActivities<Pick<DecisionActivities, 'evaluateBoundary' | 'newestBoundary' | 'tradeFromLedger' | 'accountNow' | 'lotRules'>>({
  startToCloseTimeout: 20_000,
  retry: { maximumAttempts: 1 },
});

/** Idempotent writes to the ledger. */
export const writes = proxyLocalActivities<Pick<DecisionActivities, 'recordDecision' | 'saveBotMemory' | 'recordEvent'>>({
  startToCloseTimeout: 5_000,
  retry: { maximumAttempts: 1 },
});

/** The first look at the ledger cannot be skipped: it is repeated until the ledger answers. */
export const recovery = proxyLocalActivities<Pick<DecisionActivities, 'recoverBot'>>({
  startToCloseTimeout: 10_000,
  retry: { initialInterval: 500, backoffCoefficient: 1.5, maximumInterval: 5_000 },
});

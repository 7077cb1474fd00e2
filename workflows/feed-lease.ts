/**
 * Keeps exactly one trading worker feeding the bot. The lease is an activity that holds nothing but the lease: when its
 * worker dies the heartbeat stops and the next attempt lands on another worker (or on the same one, restarted).
 * It does not depend on the ledger.
 */
import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { FeedActivities } from '../activities/feed-activities.js';

const LEASE_TERM_MS = 12 * 3_600_000;

const { holdFeedLease } = proxyActivities<FeedActivities>({
  startToCloseTimeout: LEASE_TERM_MS + 60_000,
  heartbeatTimeout: 4_000,
  retry: { initialInterval: 100, backoffCoefficient: 1.5, maximumInterval: 2_000 },
});

export async function feedLease(): Promise<void> {
  await holdFeedLease(LEASE_TERM_MS);
  await continueAsNew<typeof feedLease>();
}

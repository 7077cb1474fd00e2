/** Writes the record of a run that ended while the ledger was away, as soon as it is back. */
import { proxyActivities } from '@temporalio/workflow';
import type { FrameworkActivities } from '../../activities/runbooks/framework/framework-activities.js';
import type { RunbookRun } from '../../core/runbooks/run.js';

const { recordRun } = proxyActivities<FrameworkActivities>({ startToCloseTimeout: 10_000, retry: { initialInterval: 1_000, maximumInterval: 30_000, nonRetryableErrorTypes: [] } });

export async function keepRunRecord(run: RunbookRun): Promise<void> {
  await recordRun(run);
}

/** How the activities of backups are called: all heartbeat, so that the death of a worker is noticed soon; a cancelled long one is waited for, so that nothing is removed under its hands. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { BackupActivities } from '../../../activities/runbooks/backup/backup-activities.js';

export const long = proxyActivities<BackupActivities>({
  startToCloseTimeout: '12 hours', heartbeatTimeout: 10_000, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, retry: { maximumAttempts: 10, initialInterval: 1_000, maximumInterval: 30_000 },
});

export const quick = proxyActivities<BackupActivities>({ startToCloseTimeout: 600_000, heartbeatTimeout: 10_000, retry: { maximumAttempts: 5, initialInterval: 500, maximumInterval: 10_000 } });

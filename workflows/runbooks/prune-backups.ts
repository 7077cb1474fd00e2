/** Removes the backups that the retention no longer keeps. What it would remove is its plan. */
import { BACKUP_STEPS, type PruneBackupsParams } from '../../core/runbooks/backup.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';
import { quick } from './backup/activities.js';

export function pruneBackups(request: RunbookRequest<PruneBackupsParams>): Promise<RunbookResult> {
  return runbook('pruneBackups', request, async (run) => {
    await run.step(BACKUP_STEPS.retention, async () => {
      const { removed, detail } = await quick.applyRetention({ prune: true });
      run.figure('removed', removed);
      return detail;
    });
    return 'the retention is carried out';
  });
}

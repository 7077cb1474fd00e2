/** Verifies a backup that is kept: all of its files are read, and it is restored into a scratch database. */
import type { VerifyBackupParams } from '../../core/runbooks/backup.js';
import { VERIFY_BACKUP } from '../../core/runbooks/backup.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';
import { long } from './backup/activities.js';
import { verifyByRestore } from './backup/verify-by-restore.js';

const [READ_BACK = '', RESTORE = ''] = VERIFY_BACKUP.steps;

export function verifyBackup(request: RunbookRequest<VerifyBackupParams>): Promise<RunbookResult> {
  return runbook('verifyBackup', request, async (run, { backup_id: backupId }) => {
    await run.step(READ_BACK, async () => `${await long.readBackBackup({ backupId })} bytes read and equal`, { interruptible: true });
    await run.step(RESTORE, () => verifyByRestore(run, backupId), { interruptible: true });
    return `backup ${backupId} is verified`;
  });
}

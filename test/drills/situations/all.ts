/** Every runbook that the matrix disturbs. `test/quality` holds it against the table of the product. */
import { backupSituation, pruneBackupsSituation, verifyBackupSituation } from './backups.js';
import { gracefulRestartSituation } from './graceful-restart.js';
import { saveStateSituation } from './save-state.js';
import type { Situation } from './situation.js';

export const SITUATIONS: readonly Situation[] = [backupSituation, gracefulRestartSituation, pruneBackupsSituation, saveStateSituation, verifyBackupSituation];

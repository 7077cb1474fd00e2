/** Every runbook that the matrix disturbs. `test/quality` holds it against the table of the product. */
import { backupSituation, pruneBackupsSituation, verifyBackupSituation } from './backups.js';
import { databaseRecoverySituation } from './database-recovery.js';
import { databaseTroubleshootingSituation } from './database-troubleshooting.js';
import { emergencyShutdownSituation } from './emergency-shutdown.js';
import { gracefulRestartSituation } from './graceful-restart.js';
import { reconcileBalanceSituation, recoverTradeHistorySituation } from './lost-facts.js';
import { releaseEmergencySituation } from './release-emergency.js';
import { restoreStateSituation } from './restore-state.js';
import { saveStateSituation } from './save-state.js';
import type { Situation } from './situation.js';

export const SITUATIONS: readonly Situation[] = [
  backupSituation,
  databaseRecoverySituation,
  databaseTroubleshootingSituation,
  emergencyShutdownSituation,
  gracefulRestartSituation,
  pruneBackupsSituation,
  reconcileBalanceSituation,
  recoverTradeHistorySituation,
  releaseEmergencySituation,
  restoreStateSituation,
  saveStateSituation,
  verifyBackupSituation,
];

/** Every runbook that the matrix disturbs. `test/quality` holds it against the table of the product. */
import { databaseTroubleshootingSituation } from './database-troubleshooting.js';
import { emergencyShutdownSituation } from './emergency-shutdown.js';
import { gracefulRestartSituation } from './graceful-restart.js';
import { reconcileBalanceSituation, recoverTradeHistorySituation } from './lost-facts.js';
import { releaseEmergencySituation } from './release-emergency.js';
import { saveStateSituation } from './save-state.js';
import type { Situation } from './situation.js';

export const SITUATIONS: readonly Situation[] = [
  databaseTroubleshootingSituation,
  emergencyShutdownSituation,
  gracefulRestartSituation,
  reconcileBalanceSituation,
  recoverTradeHistorySituation,
  releaseEmergencySituation,
  saveStateSituation,
];

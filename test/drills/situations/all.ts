/** Every runbook that the matrix disturbs. `test/quality` holds it against the table of the product. */
import { emergencyShutdownSituation } from './emergency-shutdown.js';
import { gracefulRestartSituation } from './graceful-restart.js';
import { recoverTradeHistorySituation } from './recover-trade-history.js';
import { releaseEmergencySituation } from './release-emergency.js';
import { saveStateSituation } from './save-state.js';
import type { Situation } from './situation.js';

export const SITUATIONS: readonly Situation[] = [
  emergencyShutdownSituation, gracefulRestartSituation, recoverTradeHistorySituation, releaseEmergencySituation, saveStateSituation,
];

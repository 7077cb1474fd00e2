/** Every runbook that the matrix disturbs. `test/quality` holds it against the table of the product. */
import { databaseRecoverySituation } from './database-recovery.js';
import { gracefulRestartSituation } from './graceful-restart.js';
import { restoreStateSituation } from './restore-state.js';
import { saveStateSituation } from './save-state.js';
import type { Situation } from './situation.js';

export const SITUATIONS: readonly Situation[] = [databaseRecoverySituation, gracefulRestartSituation, restoreStateSituation, saveStateSituation];

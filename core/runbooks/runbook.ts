/**
 * The runbooks of this product. Adding one begins here: its parameters and its definition stand in a file of their own,
 * and everything else (routes, plan, CLI) is derived from the entry in this table.
 */
import { DATABASE_TROUBLESHOOTING, type DatabaseTroubleshootingParams } from './database-troubleshooting.js';
import type { RunbookDefinition } from './definition.js';
import { EMERGENCY_SHUTDOWN, type EmergencyShutdownParams } from './emergency-shutdown.js';
import { GRACEFUL_RESTART, type GracefulRestartParams } from './graceful-restart.js';
import { RELEASE_EMERGENCY, type ReleaseEmergencyParams } from './release-emergency.js';
import { RECONCILE_BALANCE, type ReconcileBalanceParams } from './reconcile-balance.js';
import { RECOVER_TRADE_HISTORY, type RecoverTradeHistoryParams } from './recover-trade-history.js';
import { SAVE_STATE, type SaveStateParams } from './save-state.js';

/** Plain JSON; they stand in Temporal's history and in the ledger for ever, so a secret is never among them. */
export interface RunbookParams {
  databaseTroubleshooting: DatabaseTroubleshootingParams;
  emergencyShutdown: EmergencyShutdownParams;
  gracefulRestart: GracefulRestartParams;
  releaseEmergency: ReleaseEmergencyParams;
  reconcileBalance: ReconcileBalanceParams;
  recoverTradeHistory: RecoverTradeHistoryParams;
  saveState: SaveStateParams;
}

export type RunbookName = keyof RunbookParams;

export const RUNBOOKS: { readonly [N in RunbookName]: RunbookDefinition<RunbookParams[N]> } = {
  databaseTroubleshooting: DATABASE_TROUBLESHOOTING,
  emergencyShutdown: EMERGENCY_SHUTDOWN,
  gracefulRestart: GRACEFUL_RESTART,
  releaseEmergency: RELEASE_EMERGENCY,
  reconcileBalance: RECONCILE_BALANCE,
  recoverTradeHistory: RECOVER_TRADE_HISTORY,
  saveState: SAVE_STATE,
};

export const RUNBOOK_NAMES = Object.keys(RUNBOOKS) as RunbookName[];

export function runbookDefinition<N extends RunbookName>(name: N): RunbookDefinition<RunbookParams[N]> {
  return RUNBOOKS[name];
}

/** One run per id at a time: starting it again attaches to the one that runs. */
export function runbookWorkflowId<N extends RunbookName>(name: N, params: RunbookParams[N]): string {
  return `${name}-${runbookDefinition(name).keyOf(params)}`;
}

/** Name of the activity that makes the plan: `planSaveState`. */
export function planActivityName(name: RunbookName): string {
  return `plan${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

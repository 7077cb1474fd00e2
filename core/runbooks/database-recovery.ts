/**
 * Recovering the ledger's database from a backup, and from the exchange what happened since. Names are functions of the run, so
 * that a repeated step finds what it made.
 */
import type { RunbookDefinition } from './definition.js';

export interface DatabaseRecoveryParams {
  /** null: the newest verified one */
  backup_id: string | null;
}

/** Guide, "Database Recovery": its steps in its order, with what a careful person would do in between. Everything that can fail is done before the swap. */
export const RECOVERY_STEPS = {
  fence: 'stop trading',
  preserve: 'backup corrupted database',
  restore: 'restore from the backup',
  migrate: 'apply migrations',
  verify: 'verify database integrity',
  carryOver: 'carry over what only the bot and this machine know',
  swap: 'put the restored database in place',
  history: 'recover missing trade data from the exchange',
  reconcile: 'reconcile with the exchange',
  resume: 'restart trading',
} as const;

export const DATABASE_RECOVERY: RunbookDefinition<DatabaseRecoveryParams> = {
  title: 'Recover the database: fence trading, keep the damaged one, restore a verified backup, fetch from the exchange what is newer, reconcile, resume',
  destructive: true,
  steps: Object.values(RECOVERY_STEPS),
  keyOf: () => 'ledger',
};

const FENCE_PREFIX = 'recovery-';

/** Its end: run ids of one minute begin alike. */
const RUN_DIGITS = 12;

/** Id of the emergency latch that a recovery holds while it works. */
export function fenceIdFor(runId: string): string {
  return `${FENCE_PREFIX}${runId.slice(-RUN_DIGITS)}`;
}

/** A fence that an earlier recovery left is taken over; an operator's own emergency stop is not. */
export function isFence(haltId: string): boolean {
  return haltId.startsWith(FENCE_PREFIX);
}

/** PostgreSQL cuts longer names off in silence. */
const NAME_BYTES_MAX = 63;

export interface RecoveryNames {
  /** into which the backup is restored */
  restored: string;
  /** under which the damaged database stays */
  kept: string;
}

/** `ledger_restore_20261128t144800z` and `ledger_old_…`; `atMs`: host ms at which the run began */
export function recoveryNames(database: string, atMs: number): RecoveryNames {
  const stamp = new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  const name = (mark: string): string => {
    const tail = `_${mark}_${stamp}z`;
    return `${database.slice(0, NAME_BYTES_MAX - tail.length)}${tail}`;
  };
  return { restored: name('restore'), kept: name('old') };
}

/** Of the data directory of a cluster that no server can open any more. */
export function keptClusterName(atMs: number): string {
  return recoveryNames('cluster', atMs).kept;
}

/** How a backup is called, and what is called after it. */
import type { BackupKind } from './manifest.js';

/** What a backup id may be made of, wherever one comes from outside. A new object each time: zod writes into the pattern that it is given. */
export const backupIdPattern = (): RegExp => /^\d{8}T\d{6}Z-(manual|daily|weekly|monthly)-[0-9a-f]{8}$/;
const RUN_DIGITS = 8;

export function isBackupId(text: string): boolean {
  return backupIdPattern().test(text);
}

/** The same for every repetition within a run: `20260131T010203Z-daily-5f0c2a9e`. Sorts by time. */
export function backupIdOf({ kind, startedMs, runId }: { kind: BackupKind; startedMs: number; runId: string }): string {
  const instant = new Date(startedMs).toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  // The beginning of a run id tells the time, only its end tells runs apart.
  return `${instant}-${kind}-${runId.replaceAll('-', '').slice(-RUN_DIGITS)}`;
}

const SCRATCH_PREFIX = 'verify_';

/** The database into which a backup is restored to be verified. */
export function scratchDatabaseOf(backupId: string): string {
  return SCRATCH_PREFIX + backupId.toLowerCase().replaceAll('-', '_');
}

export function isScratchDatabase(name: string): boolean {
  return /^verify_\d{8}t\d{6}z_[a-z]+_[0-9a-f]{8}$/.test(name);
}

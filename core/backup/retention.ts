/**
 * Which backups are kept: the newest of each of the last days, weeks and months (UTC, weeks begin on Monday) that have one.
 *
 * Invariants
 * 1. Only verified backups count as kept; one that was never verified never takes the place of one that was.
 * 2. The newest verified backup and every pinned one stay.
 * 3. No verified backup goes while fewer than `minimum` others stay.
 * 4. When a backup is dated in the future the clock is not to be trusted, and nothing goes.
 */
import type { BackupSummary } from '../ports/backups.js';

export interface RetentionCounts {
  daily: number;
  weekly: number;
  monthly: number;
  /** verified backups that stay in any case */
  minimum: number;
}

export interface RetentionVerdict {
  /** newest first, each with why */
  keep: { backupId: string; because: string }[];
  remove: { backupId: string; because: string }[];
  /** why nothing may go; null: the verdict can be carried out */
  refusal: string | null;
}

export type RetainedBackup = Pick<BackupSummary, 'backupId' | 'takenAtMs' | 'verified' | 'pinned'>;

const CLOCK_TOLERANCE_MS = 300_000;
const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday */
const MONDAY_OFFSET_DAYS = 3;

const dayOf = (ms: number): string => String(Math.floor(ms / DAY_MS));
const weekOf = (ms: number): string => String(Math.floor((Math.floor(ms / DAY_MS) + MONDAY_OFFSET_DAYS) / 7));
const monthOf = (ms: number): string => new Date(ms).toISOString().slice(0, 7);

export function decideRetention(backups: readonly RetainedBackup[], counts: RetentionCounts, nowMs: number): RetentionVerdict {
  const sorted = [...backups].sort((a, b) => b.takenAtMs - a.takenAtMs || (a.backupId < b.backupId ? 1 : -1));
  const future = sorted.find(({ takenAtMs }) => takenAtMs > nowMs + CLOCK_TOLERANCE_MS);
  if (future !== undefined) {
    return { keep: sorted.map(({ backupId }) => ({ backupId, because: 'nothing goes' })), remove: [], refusal: `backup ${future.backupId} is dated in the future: correct the clock of this machine first` };
  }
  const reasons = reasonsToKeep(sorted, counts);
  const newestVerified = sorted.find(({ verified }) => verified);
  for (const { backupId, verified, takenAtMs } of sorted) {
    if (!verified && (newestVerified === undefined || takenAtMs >= newestVerified.takenAtMs)) reasons.set(backupId, 'not verified, and no verified backup is newer');
  }
  return {
    keep: sorted.flatMap(({ backupId }) => (reasons.has(backupId) ? [{ backupId, because: reasons.get(backupId) ?? '' }] : [])),
    remove: sorted.filter(({ backupId }) => !reasons.has(backupId)).map(({ backupId, verified }) => ({ backupId, because: verified ? 'newer ones stand for its day, week and month' : 'never verified, and a newer one was' })),
    refusal: null,
  };
}

function reasonsToKeep(sorted: readonly RetainedBackup[], counts: RetentionCounts): Map<string, string> {
  const verified = sorted.filter((backup) => backup.verified);
  const reasons = new Map<string, string>(sorted.filter(({ pinned }) => pinned).map(({ backupId }) => [backupId, 'pinned']));
  const add = (ids: readonly string[], because: string): void => {
    for (const id of ids) if (!reasons.has(id)) reasons.set(id, because);
  };
  add(verified.slice(0, 1).map(({ backupId }) => backupId), 'the newest verified one');
  add(newestPer(verified, dayOf, counts.daily), 'the newest of its day');
  add(newestPer(verified, weekOf, counts.weekly), 'the newest of its week');
  add(newestPer(verified, monthOf, counts.monthly), 'the newest of its month');
  const kept = verified.filter(({ backupId }) => reasons.has(backupId)).length;
  const spare = verified.filter(({ backupId }) => !reasons.has(backupId));
  add(spare.slice(0, Math.max(0, counts.minimum - kept)).map(({ backupId }) => backupId), `${counts.minimum} verified ones stay in any case`);
  return reasons;
}

/** Of the last `count` periods that have a backup. */
function newestPer(sorted: readonly RetainedBackup[], periodOf: (ms: number) => string, count: number): string[] {
  const newest = new Map<string, string>();
  for (const { backupId, takenAtMs } of sorted) {
    const period = periodOf(takenAtMs);
    if (!newest.has(period)) newest.set(period, backupId);
  }
  return [...newest.values()].slice(0, count);
}

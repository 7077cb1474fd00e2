import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetention, type RetainedBackup, type RetentionCounts, type RetentionVerdict } from '../../../../core/backup/retention.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 28, 12);
const COUNTS: RetentionCounts = { daily: 7, weekly: 4, monthly: 12, minimum: 2 };

const aBackup = (daysAgo: number, given: Partial<RetainedBackup> = {}): RetainedBackup => ({ backupId: `b${String(daysAgo).padStart(4, '0')}`, takenAtMs: NOW - daysAgo * DAY_MS, verified: true, pinned: false, ...given });

const anyCounts: fc.Arbitrary<RetentionCounts> = fc.record({ daily: fc.nat(10), weekly: fc.nat(6), monthly: fc.nat(14), minimum: fc.integer({ min: 1, max: 6 }) });
const anyBackups: fc.Arbitrary<RetainedBackup[]> = fc
  .array(fc.record({ agoMs: fc.nat(900 * DAY_MS), verified: fc.boolean(), pinned: fc.boolean() }), { maxLength: 60 })
  .map((all) => all.map(({ agoMs, ...rest }, index) => ({ backupId: `b${index}`, takenAtMs: NOW - agoMs, ...rest })));

function isRemoved({ remove }: RetentionVerdict, { backupId }: RetainedBackup): boolean {
  return remove.some((removed) => removed.backupId === backupId);
}

describe('the retention', () => {
  it('keeps 7 days, 4 weeks and 12 months of a backup a day', () => {
    const { keep, remove } = decideRetention(Array.from({ length: 500 }, (_unused, day) => aBackup(day)), COUNTS, NOW);
    expect(keep.filter(({ because }) => because.includes('day') || because.includes('newest verified'))).toHaveLength(7);
    expect(keep.filter(({ because }) => because.includes('week')).length).toBeGreaterThanOrEqual(2);
    expect(keep.filter(({ because }) => because.includes('month')).length).toBeGreaterThanOrEqual(10);
    expect(keep.length).toBeLessThanOrEqual(7 + 4 + 12);
    expect(keep.length + remove.length).toBe(500);
  });

  it('keeps the newest of a day, and of the days that have none nothing is counted', () => {
    const twice = [aBackup(0), aBackup(0, { backupId: 'earlier', takenAtMs: NOW - 3_600_000 }), aBackup(40), aBackup(80)];
    const { remove } = decideRetention(twice, { daily: 3, weekly: 0, monthly: 0, minimum: 1 }, NOW);
    expect(remove).toEqual([{ backupId: 'earlier', because: 'newer ones stand for its day, week and month' }]);
  });

  it('never removes the newest verified one, nor a pinned one', () => {
    fc.assert(fc.property(anyBackups, anyCounts, (backups, counts) => {
      const verdict = decideRetention(backups, counts, NOW);
      const newest = backups.filter(({ verified }) => verified).sort((a, b) => b.takenAtMs - a.takenAtMs)[0];
      expect(newest === undefined ? false : backups.filter(({ takenAtMs, verified }) => verified && takenAtMs === newest.takenAtMs).every((one) => isRemoved(verdict, one))).toBe(false);
      expect(backups.filter((backup) => backup.pinned && isRemoved(verdict, backup))).toEqual([]);
    }));
  });

  it('leaves the minimum of verified ones, or all there are', () => {
    fc.assert(fc.property(anyBackups, anyCounts, (backups, counts) => {
      const verified = backups.filter((backup) => backup.verified);
      const left = verified.filter((backup) => !isRemoved(decideRetention(backups, counts, NOW), backup));
      expect(left.length).toBeGreaterThanOrEqual(Math.min(counts.minimum, verified.length));
    }));
  });

  it('counts no unverified one as kept: adding them never removes a verified one more', () => {
    fc.assert(fc.property(anyBackups, anyCounts, (backups, counts) => {
      const verified = backups.filter((backup) => backup.verified);
      const without = decideRetention(verified, counts, NOW);
      const among = decideRetention(backups, counts, NOW);
      for (const backup of verified) expect(isRemoved(among, backup)).toBe(isRemoved(without, backup));
    }));
  });

  it('removes nothing of what was never verified while no verified one is newer', () => {
    const { keep } = decideRetention([aBackup(0, { verified: false }), aBackup(1), aBackup(2, { verified: false })], COUNTS, NOW);
    expect(keep.map(({ backupId }) => backupId)).toEqual(['b0000', 'b0001']);
  });

  it('removes nothing at all when a backup is dated in the future', () => {
    fc.assert(fc.property(anyBackups, anyCounts, fc.integer({ min: 300_001, max: 900 * DAY_MS }), (backups, counts, aheadMs) => {
      const verdict = decideRetention([...backups, { backupId: 'ahead', takenAtMs: NOW + aheadMs, verified: true, pinned: false }], counts, NOW);
      expect(verdict.remove).toEqual([]);
      expect(verdict.refusal).toContain('ahead');
    }));
  });

  it('decides about every backup once, and the same again for what it kept', () => {
    fc.assert(fc.property(anyBackups, anyCounts, (backups, counts) => {
      const { keep, remove } = decideRetention(backups, counts, NOW);
      expect([...keep, ...remove].map(({ backupId }) => backupId).sort()).toEqual(backups.map(({ backupId }) => backupId).sort());
      const kept = backups.filter(({ backupId }) => keep.some((one) => one.backupId === backupId));
      expect(decideRetention(kept, counts, NOW).remove).toEqual([]);
    }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnoseDatabase } from '../../../../core/database/diagnose-database.js';
import type { DatabaseReading, DatabaseSession } from '../../../../core/ports/database-watch.js';

function session(given: Partial<DatabaseSession> = {}): DatabaseSession {
  return { pid: 1, kind: 'other', user: 'somebody', application: 'psql', clientAddress: null, state: 'active', startedMs: 0, runningSeconds: 600, waitsFor: null, query: 'select 1', ...given };
}

function reading(sessions: DatabaseSession[], given: Partial<DatabaseReading> = {}): DatabaseReading {
  return { serverVersion: '15.1', startedMs: 0, maxConnections: 100, sessions, locks: [], ...given };
}

const FIVE = { overMinutes: 5, includeBackups: false };

describe('the diagnosis of a database', () => {
  it('never ends a session of the bot, and a backup only when that was asked for', () => {
    const sessions = fc.array(fc.record({
      kind: fc.constantFrom<DatabaseSession['kind']>('own', 'backup', 'other'), state: fc.constantFrom('active', 'idle', 'idle in transaction'), runningSeconds: fc.option(fc.integer({ min: 0, max: 3_600 })),
    }).map((given) => session(given)));
    fc.assert(fc.property(sessions, fc.integer({ min: 0, max: 60 }), fc.boolean(), (all, overMinutes, includeBackups) => {
      const { long, spared } = diagnoseDatabase(reading(all), { overMinutes, includeBackups });
      expect(long.some(({ kind }) => kind === 'own' || (kind === 'backup' && !includeBackups))).toBe(false);
      const runs = all.filter(({ state, runningSeconds }) => state !== 'idle' && (runningSeconds ?? 0) > overMinutes * 60);
      expect(long.length + spared.length).toBe(runs.length);
    }));
  });

  it('names who waits for whom, and who is spared and why', () => {
    const { lines } = diagnoseDatabase(reading([session({ kind: 'own', pid: 7 })], { locks: [{ blockedPid: 7, blockingPid: 8, waitedSeconds: 12, relation: 'trades', mode: 'RowExclusiveLock' }] }), FIVE);
    expect(lines).toEqual([
      'PostgreSQL 15.1 answers; 2 of 100 connections of this database are in use', '1 own active',
      'session 7 has waited 12 s for 8 (trades, RowExclusiveLock)', 'session 7 (somebody, psql) active for 600 s: select 1: is spared, it is a session of the bot',
    ]);
  });

  it('says when connections run out', () => {
    const many = Array.from({ length: 85 }, () => session({ state: 'idle', runningSeconds: null }));
    expect(diagnoseDatabase(reading(many), FIVE).lines[0]).toContain('86 of 100 connections of this database are in use: nearly all of them');
  });
});

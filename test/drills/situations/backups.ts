/** Backups as the drills look at them: what is there, and what must not be left. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createBackupArchive } from '../../../adapters/archive/backup-archive.js';
import { createDatabaseServer } from '../../../adapters/postgres/backup/database-server.js';
import { isScratchDatabase } from '../../../core/backup/backup-id.js';
import type { BackupSummary } from '../../../core/ports/backups.js';
import { silentLogger } from '../../support/silent-logger.js';
import type { DrilledStack } from '../drilled-stack.js';
import { startRun } from '../runbook-drill.js';
import type { Situation } from './situation.js';

/** Whatever is killed: afterwards this backup is there and counts, or nothing of it is. */
export const backupSituation: Situation = {
  runbook: 'backup',
  prepare: () => Promise.resolve({ kind: 'manual' }),
  verify: async (drilled, run) => {
    const { backupId = '' } = run.figures as { backupId?: string };
    const own = await filesOf(drilled, backupId);
    const counts = (await backupsOf(drilled)).some((backup) => backup.backupId === backupId && backup.verified);
    return [
      ...(run.state === 'completed' && !counts ? [`the backup ${backupId} ended well and does not count`] : []),
      ...(run.state === 'cancelled' && own.length > 0 && !own.includes('manifest.json') ? [`the cancelled backup ${backupId} left ${own.join(', ')}`] : []),
      ...own.filter((name) => name.endsWith('.partial')).map((name) => `${backupId}/${name} is left`),
      ...(await scratchDatabases(drilled)),
    ];
  },
};

export const verifyBackupSituation: Situation = {
  runbook: 'verifyBackup',
  prepare: async (drilled) => ({ backup_id: await aBackup(drilled) }),
  verify: async (drilled, run) => {
    const wanted = (run.params as { backup_id: string }).backup_id;
    const counts = (await backupsOf(drilled)).some(({ backupId, verified }) => backupId === wanted && verified);
    return [...(counts ? [] : [`the backup ${wanted} no longer counts`]), ...(await scratchDatabases(drilled))];
  },
};

export const pruneBackupsSituation: Situation = {
  runbook: 'pruneBackups',
  prepare: async (drilled) => {
    for (let made = (await backupsOf(drilled)).length; made < 4; made += 1) await aBackup(drilled);
    return {};
  },
  verify: async (drilled, run) => {
    // The runbook needs no database and may end before it is back; the comparison of the books needs it.
    await drilled.stack.whenReady('postgres');
    const left = (await backupsOf(drilled)).filter(({ verified }) => verified);
    return [
      ...(left.length < 2 ? [`${left.length} verified backups are left, the minimum is 2`] : []),
      ...(run.state === 'completed' && left.length > 2 ? [`${left.length} backups of one day are left: ${run.steps.map(({ result }) => result ?? 'no result').join('; ')}`] : []),
    ];
  },
};

/** The id of a new one that counts. */
export async function aBackup({ stack }: DrilledStack): Promise<string> {
  const { state, outcome, figures } = await (await startRun(stack, 'backup', { reason: 'drill' })).ended();
  if (state !== 'completed') throw new Error(`the backup to begin with ended as ${state}: ${outcome ?? ''}`);
  return String(figures['backupId']);
}

function backupsOf({ stack: { dataDir } }: DrilledStack): Promise<BackupSummary[]> {
  return createBackupArchive({ directory: path.join(dataDir, 'backups'), keys: { recipients: [], identity: undefined }, s3: undefined, logger: silentLogger, now: Date.now }).list();
}

async function filesOf({ stack: { dataDir } }: DrilledStack, backupId: string): Promise<string[]> {
  return backupId === '' ? [] : readdir(path.join(dataDir, 'backups', backupId)).catch((): string[] => []);
}

async function scratchDatabases({ stack }: DrilledStack): Promise<string[]> {
  // A run may end well without it while it is still coming back.
  await stack.whenReady('postgres');
  const names = await createDatabaseServer({ databaseUrl: stack.databaseUrl, path: '', now: Date.now }).databases();
  return names.filter(isScratchDatabase).map((name) => `the scratch database ${name} is left`);
}

/** What a backup, its verification and the retention would do. */
import { isScratchDatabase } from '../../../core/backup/backup-id.js';
import { decideRetention, type RetentionVerdict } from '../../../core/backup/retention.js';
import { isBotError } from '../../../core/errors/bot-error.js';
import type { BackupParams, VerifyBackupParams } from '../../../core/runbooks/backup.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { BackupDependencies } from './backup-dependencies.js';

export async function planBackup({ archive, server, files, retention, now }: BackupDependencies, params: BackupParams): Promise<PlanFindings> {
  const refusals: string[] = [];
  const readiness = await orRefuse(() => server.readiness(), refusals);
  const encryption = await orRefuse(() => archive.encryption(), refusals);
  const free = await orRefuse(() => archive.freeBytes(), refusals);
  if (readiness !== undefined && free !== undefined && free < readiness.bytes) refusals.push(`the disk of the backups has ${free} bytes free, the database takes ${readiness.bytes}: free space, or set backup.folder to another disk`);
  if (readiness?.mayCreateDatabases === false) refusals.push('the role of DATABASE_URL may not create the scratch database in which a backup is verified: ALTER ROLE … CREATEDB');
  const copies = params.upload && archive.storage !== null;
  return {
    targets: [`the database ${server.ledgerDatabase}`, `configuration, program, and the folders ${(await files.folders()).join(', ')}`],
    effects: [
      `a new backup is written${encryption === 'on' ? ', encrypted' : ''}; trading goes on`,
      'it is restored into a scratch database, compared with what was dumped, and that database is dropped',
      copies ? `it is copied to ${archive.storage}, and the copy is read back` : 'it stays on this machine',
      params.prune ? 'backups that the retention no longer keeps are removed' : 'nothing is removed',
    ],
    warnings: [
      ...(encryption === 'off' ? ['not encrypted: files that hold secrets (.env, keys) are left out; backup.age_recipients turns encryption on'] : []),
      ...(archive.storage === null ? ['no storage is configured (backup.s3): this disk is the only place'] : []),
      ...(await leftovers(server)),
      ...(await retentionWarnings({ archive, retention, now })),
    ],
    refusals,
    found: { database: server.ledgerDatabase, encryption: encryption ?? 'unknown', storage: archive.storage },
  };
}

export async function planVerifyBackup({ archive, server }: BackupDependencies, { backup_id: backupId }: VerifyBackupParams): Promise<PlanFindings> {
  const refusals: string[] = [];
  const manifest = await orRefuse(() => archive.manifest(backupId), refusals);
  await orRefuse(() => server.readiness(), refusals);
  return {
    targets: [`backup ${backupId}`],
    effects: ['every file of it is read and compared with its manifest', 'it is restored into a scratch database, compared with what was dumped, and that database is dropped', 'what was found is noted beside the manifest'],
    warnings: await leftovers(server),
    refusals,
    found: { backupId, manifest: manifest?.sha256 ?? null },
  };
}

export async function planPruneBackups(deps: Pick<BackupDependencies, 'archive' | 'retention' | 'now'>): Promise<PlanFindings> {
  const { keep, remove, refusal } = await retentionNow(deps);
  return {
    targets: remove.length === 0 ? ['nothing'] : remove.map(({ backupId, because }) => `${backupId} (${because})`),
    effects: [remove.length === 0 ? 'every backup is kept' : `${remove.length} backups are removed everywhere; this cannot be undone`, ...keep.map(({ backupId, because }) => `${backupId} stays: ${because}`)],
    warnings: [],
    refusals: refusal === null ? [] : [refusal],
    found: { remove: remove.map(({ backupId }) => backupId) },
  };
}

export async function retentionNow({ archive, retention, now }: Pick<BackupDependencies, 'archive' | 'retention' | 'now'>): Promise<RetentionVerdict> {
  return decideRetention(await archive.list(), retention, now());
}

async function retentionWarnings(deps: Pick<BackupDependencies, 'archive' | 'retention' | 'now'>): Promise<string[]> {
  const { refusal } = await retentionNow(deps);
  return refusal === null ? [] : [refusal];
}

/** Of verifications whose workflow was ended by force. */
async function leftovers(server: BackupDependencies['server']): Promise<string[]> {
  try {
    return (await server.databases()).filter(isScratchDatabase).map((name) => `the scratch database ${name} is there: a verification runs, or was ended by force (then: DROP DATABASE ${name})`);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return [];
  }
}

/** What cannot be had is a reason not to run. */
async function orRefuse<T>(ask: () => Promise<T>, refusals: string[]): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isBotError(error)) throw error;
    refusals.push(`${error.message}. ${error.fix}`);
    return undefined;
  }
}

/**
 * The steps of a backup. Each can be repeated: it overwrites what an earlier attempt of it left, and a file takes its name only when it
 * is complete and on disk.
 */
import { scratchDatabaseOf } from '../../../core/backup/backup-id.js';
import { DUMP_FILE, type BackupFile, type ManifestContent } from '../../../core/backup/manifest.js';
import type { Dump, PackedFiles, WorkInHand } from '../../../core/ports/backups.js';
import { withActivityFailures } from '../../failure.js';
import { planned } from '../framework/planned.js';
import type { BackupDependencies } from './backup-dependencies.js';
import { planBackup, planPruneBackups, planVerifyBackup, retentionNow } from './backup-plan.js';
import { notingDamage } from './note-damage.js';
import { restoreBackup, type RestoreReport } from './restore-backup.js';

const ROLES_FILE = 'roles.sql';

export interface DumpedLedger extends Dump {
  files: BackupFile[];
}

export interface PackedPart {
  files: BackupFile[];
  leftOut: string[];
}

/** What the workflow knows of a backup when all files are there. */
export type BackupParts = Omit<ManifestContent, 'schemaVersion' | 'finishedAtMs' | 'version' | 'recipients'>;

export type BackupActivities = ReturnType<typeof createBackupActivities>;

export function createBackupActivities(deps: BackupDependencies) {
  const { archive, underWay } = deps;
  return withActivityFailures({
    planBackup: planned('backup', deps, (params) => planBackup(deps, params)),
    planVerifyBackup: planned('verifyBackup', deps, (params) => planVerifyBackup(deps, params)),
    planPruneBackups: planned('pruneBackups', deps, () => planPruneBackups(deps)),
    sweepBackups: ({ backupId }: { backupId: string }) => underWay(() => archive.sweep(backupId)),
    dumpLedger: ({ backupId }: { backupId: string }) => underWay((work) => dumpLedger(deps, backupId, work)),
    packConfiguration: ({ backupId }: { backupId: string }) => underWay((work) => packConfiguration(deps, backupId, work)),
    packApplicationData: ({ backupId }: { backupId: string }) => underWay((work) => packFolders(deps, backupId, work)),
    packSource: ({ backupId }: { backupId: string }) => underWay((work) => packSource(deps, backupId, work)),
    finishBackup: (parts: BackupParts) => underWay(() => finish(deps, parts)),
    readBackBackup: ({ backupId }: { backupId: string }) => underWay((work) => notingDamage(deps, backupId, () => archive.readBack(backupId, work))),
    verifyByRestore: ({ backupId }: { backupId: string }) => underWay((work) => verifyByRestore(deps, backupId, work)),
    dropScratchDatabase: ({ backupId }: { backupId: string }) => underWay(() => deps.server.dropDatabase(scratchDatabaseOf(backupId))),
    uploadBackup: ({ backupId }: { backupId: string }) => underWay((work) => archive.upload(backupId, work)),
    missingCopies: () => underWay(() => missingCopies(deps)),
    applyRetention: ({ prune }: { prune: boolean }) => underWay(() => applyRetention(deps, prune)),
    discardBackup: ({ backupId }: { backupId: string }) => underWay(() => archive.discard(backupId)),
  }, deps.logger);
}

async function dumpLedger({ archive, server }: BackupDependencies, backupId: string, work: WorkInHand): Promise<DumpedLedger> {
  const dump = await server.dump(await archive.draft({ backupId, name: DUMP_FILE }), work);
  const dumped = await archive.keep({ backupId, name: DUMP_FILE, holds: `database ${dump.database.name}, custom format of ${dump.tools}` }, work);
  await server.dumpRoles(await archive.draft({ backupId, name: ROLES_FILE }), work);
  const roles = await archive.keep({ backupId, name: ROLES_FILE, holds: 'roles of the server, without passwords' }, work);
  return { ...dump, files: [dumped, roles] };
}

async function packConfiguration({ archive, files }: BackupDependencies, backupId: string, work: WorkInHand): Promise<PackedPart> {
  const configuration = await packed(archive, { backupId, name: 'configuration.tar.gz', pack: (file) => files.packConfiguration({ file }, work) }, work);
  if ((await archive.encryption()) === 'off') return { ...configuration, leftOut: ['.env files: they hold secrets, and the backup is not encrypted'] };
  const environment = await packed(archive, { backupId, name: 'environment.tar.gz', pack: (file) => files.packEnvironment({ file }, work) }, work);
  return { files: [...configuration.files, ...environment.files], leftOut: environment.leftOut };
}

async function packFolders({ archive, files }: BackupDependencies, backupId: string, work: WorkInHand): Promise<PackedPart> {
  const secrets = (await archive.encryption()) === 'on';
  const parts: PackedPart[] = [];
  for (const name of await files.folders()) {
    parts.push(await packed(archive, { backupId, name: `${name}.tar.gz`, pack: (file) => files.packFolder({ name, file, secrets }, work) }, work));
  }
  return { files: parts.flatMap((part) => part.files), leftOut: parts.flatMap((part) => part.leftOut.map((file) => `${file}: it holds a secret, and the backup is not encrypted`)) };
}

function packSource({ archive, files }: BackupDependencies, backupId: string, work: WorkInHand): Promise<PackedPart> {
  return packed(archive, { backupId, name: 'source-code.tar.gz', pack: (file) => files.packSource({ file }, work) }, work);
}

interface Packing {
  backupId: string;
  name: string;
  /** null: there is nothing to pack */
  pack(file: string): Promise<PackedFiles | null>;
}

async function packed(archive: BackupDependencies['archive'], { backupId, name, pack }: Packing, work: WorkInHand): Promise<PackedPart> {
  const found = await pack(await archive.draft({ backupId, name }));
  if (found === null) return { files: [], leftOut: [] };
  return { files: [await archive.keep({ backupId, name, holds: found.holds }, work)], leftOut: found.leftOut };
}

async function finish({ archive, now, version, recipients }: BackupDependencies, parts: BackupParts): Promise<{ bytes: number; manifestSha256: string }> {
  const { sha256, files } = await archive.finish({ schemaVersion: 1, ...parts, finishedAtMs: now(), version, recipients: [...recipients] });
  return { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), manifestSha256: sha256 };
}

/** The scratch database goes in any case; what was found is noted beside the manifest. */
async function verifyByRestore({ archive, server, now }: BackupDependencies, backupId: string, work: WorkInHand): Promise<RestoreReport> {
  const database = scratchDatabaseOf(backupId);
  try {
    const report = await notingDamage({ archive, now }, backupId, () => restoreBackup({ backups: archive, server, work, now }, { backupId, database }));
    const { sha256: manifestSha256 } = await archive.manifest(backupId);
    await archive.recordVerification({ backupId, atMs: now(), manifestSha256, passed: true, detail: report.detail });
    return report;
  } finally {
    await server.dropDatabase(database);
  }
}

/** Verified ones whose copy was asked for and is not there, newest first. */
async function missingCopies({ archive }: BackupDependencies): Promise<string[]> {
  if (archive.storage === null) return [];
  const lacking = (await archive.list()).filter(({ verified, places }) => verified && places.includes('folder') && !places.includes('s3'));
  const asked = await Promise.all(lacking.map(async ({ backupId }) => ((await archive.manifest(backupId)).upload ? [backupId] : [])));
  return asked.flat();
}

async function applyRetention({ archive, retention, now }: BackupDependencies, prune: boolean): Promise<{ removed: string[]; detail: string }> {
  const { keep, remove, refusal } = await retentionNow({ archive, retention, now });
  const ids = remove.map(({ backupId }) => backupId);
  if (refusal !== null) return { removed: [], detail: `nothing removed: ${refusal}` };
  if (ids.length === 0) return { removed: [], detail: `nothing to remove; ${keep.length} kept` };
  if (!prune) return { removed: [], detail: `would remove ${ids.join(', ')}: npx bot backup prune` };
  for (const id of ids) await archive.remove(id);
  return { removed: ids, detail: `removed ${ids.join(', ')}; ${keep.length} kept` };
}

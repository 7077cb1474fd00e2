/**
 * Restores a backup into a database of its own and proves that what came back is what was dumped. The verification of backups and
 * the recovery of the database both work with it.
 *
 * Invariant: it never touches another database than the one it is given, which it creates itself.
 */
import { compareDigests } from '../../../core/backup/digest.js';
import { DUMP_FILE, type BackupManifest, type Watermark } from '../../../core/backup/manifest.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { BackupPlace, BackupStore, DatabaseServer, WorkInHand } from '../../../core/ports/backups.js';

export interface RestoreDependencies {
  backups: Pick<BackupStore, 'manifest' | 'fetch'>;
  server: Pick<DatabaseServer, 'createDatabase' | 'dropDatabase' | 'restore' | 'digests' | 'amcheck' | 'contradictions'>;
  work: WorkInHand;
  /** host ms */
  now(): number;
}

export interface RestoreReport {
  backupId: string;
  database: string;
  place: BackupPlace;
  /** of the dump */
  bytes: number;
  /** from the beginning to the last check */
  seconds: number;
  tables: number;
  /** of all tables, decimal */
  rows: string;
  amcheck: 'passed' | 'not available';
  migrations: string[];
  watermark: Watermark;
  /** plain words */
  detail: string;
}

/**
 * A half restored database of that name is dropped first; on failure the database is left as it is. Rejects with 40004 (no such
 * backup, S3 away), 40003 (not what was written), 10002 (wrong key), 10006 (disk full), 10003 (server away, programs missing).
 */
export async function restoreBackup(deps: RestoreDependencies, { backupId, database }: { backupId: string; database: string }): Promise<RestoreReport> {
  const { backups, server, work, now } = deps;
  const startedMs = now();
  const manifest = await backups.manifest(backupId);
  const dump = await backups.fetch({ backupId, file: DUMP_FILE }, work);
  try {
    await server.dropDatabase(database);
    await server.createDatabase(database);
    work.progress(`restoring ${dump.bytes} bytes`);
    await server.restore({ database, file: dump.path }, work);
  } finally {
    await dump.dispose();
  }
  const amcheck = await prove(deps, { manifest, database });
  const seconds = Math.round((now() - startedMs) / 100) / 10;
  const { tables } = manifest.database.digest;
  const rows = tables.reduce((sum, table) => sum + BigInt(table.rows), 0n).toString();
  return {
    backupId, database, place: dump.place, bytes: dump.bytes, seconds, tables: tables.length, rows, amcheck,
    migrations: manifest.database.migrations, watermark: manifest.database.watermark,
    detail: `${tables.length} tables with ${rows} rows restored from ${dump.place} in ${seconds} s, digests equal, amcheck ${amcheck}`,
  };
}

async function prove({ server, work }: RestoreDependencies, { manifest, database }: { manifest: BackupManifest; database: string }): Promise<'passed' | 'not available'> {
  work.progress('comparing digests');
  const differences = compareDigests(manifest.database.digest, await server.digests(database, work));
  if (differences.length > 0) throw notTheSame(manifest.backupId, differences);
  work.progress('checking tables and indexes');
  const amcheck = await server.amcheck(database, work);
  const contradictions = await server.contradictions(database);
  if (contradictions.length > 0) throw notTheSame(manifest.backupId, contradictions);
  return amcheck;
}

const SHOWN_MAX = 5;

function notTheSame(backupId: string, found: readonly string[]): BotError {
  const more = found.length > SHOWN_MAX ? ` and ${found.length - SHOWN_MAX} more` : '';
  return new BotError(40003, `backup ${backupId} did not come back as it was dumped: ${found.slice(0, SHOWN_MAX).join('; ')}${more}`, {
    fix: 'Do not rely on this backup: take another one (npx bot backup list), then look at the disk that holds it.',
  });
}

/** What tests of backups share: the server's programs, a ledger with content, work that nobody cancels. */
import { open } from 'node:fs/promises';
import { DUMP_FILE } from '../../../core/backup/manifest.js';
import type { BackupArchive, DatabaseServer, DumpSource, WorkInHand } from '../../../core/ports/backups.js';
import { createDatabaseServer } from '../../../adapters/postgres/backup/database-server.js';
import type { BackupFile, BackupKind, BackupManifest } from '../../../core/backup/manifest.js';
import type { TestDatabase } from '../../support/postgres.js';

export const atLeisure: WorkInHand = { signal: new AbortController().signal, progress: () => undefined };

/** `superuser`: may have extensions */
export function serverOf(database: TestDatabase, role: 'owner' | 'superuser' = 'owner'): DatabaseServer & DumpSource {
  return createDatabaseServer({ databaseUrl: role === 'owner' ? database.databaseUrl : database.superuserUrl, path: process.env['PATH'] ?? '', now: Date.now });
}

/** Candles, executions and one closed trade. */
export async function fillLedger(database: TestDatabase, rows: number): Promise<void> {
  await database.query(
    `insert into price_data select 'BTCUSDT', '1', to_timestamp(1700000000 + n * 60), 100 + n % 7, 110 + n % 7, 90, 100 + n % 5, n, n * 100.5 from generate_series(1, $1::int) n`, [rows],
  );
  await database.query(
    `insert into executions select 'exec-' || n, 'Trade', null, 'order-' || n, '', 'BTCUSDT', 'Buy', '', 'CreateByUser', 42000.5, 0.012, 504.006, 0.27, 0.00055, false, 0, 42000, to_timestamp(1700000000 + n), n from generate_series(1, $1::int) n`, [rows],
  );
}

export function backupIdAt(takenAtMs: number, kind: BackupKind = 'manual'): string {
  const instant = new Date(takenAtMs).toISOString().replace(/\.\d+Z$/, 'Z').replaceAll(/[-:]/g, '');
  return `${instant}-${kind}-${Math.abs(Math.floor(Math.sin(takenAtMs) * 0xffffffff)).toString(16).padStart(8, '0').slice(0, 8)}`;
}

/** A finished backup of nothing but the database. */
export async function dumpInto(archive: BackupArchive, server: DatabaseServer & DumpSource, { upload = false }: { upload?: boolean } = {}): Promise<BackupManifest> {
  const backupId = backupIdAt(Date.now());
  const { takenAtMs, database, tools } = await server.dump(await archive.draft({ backupId, name: DUMP_FILE }), atLeisure);
  const files: BackupFile[] = [await archive.keep({ backupId, name: DUMP_FILE, holds: 'the ledger' }, atLeisure)];
  return archive.finish({
    schemaVersion: 1, backupId, kind: 'manual', takenAtMs, finishedAtMs: takenAtMs + 1, workflowId: 'backup-system', runId: 'run', reason: 'test', pinned: false, upload, version: 'test', tools: [tools], recipients: [], leftOut: [], database, files,
  });
}

/** An archive whose methods can be replaced one by one. */
export function methodsOf(archive: BackupArchive): BackupArchive {
  return {
    storage: archive.storage, encryption: () => archive.encryption(), freeBytes: () => archive.freeBytes(), list: () => archive.list(), manifest: (id) => archive.manifest(id), fetch: (wanted, work) => archive.fetch(wanted, work),
    sweep: (except) => archive.sweep(except), draft: (file) => archive.draft(file), keep: (file, work) => archive.keep(file, work), finish: (content) => archive.finish(content), readBack: (id, work) => archive.readBack(id, work),
    recordVerification: (verification) => archive.recordVerification(verification), upload: (id, work) => archive.upload(id, work), remove: (id) => archive.remove(id), discard: (id) => archive.discard(id),
  };
}

export async function flipOneBit(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const at = Math.floor((await handle.stat()).size / 2);
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
  await handle.close();
}

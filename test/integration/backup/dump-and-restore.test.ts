import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restoreBackup, type RestoreReport } from '../../../activities/runbooks/backup/restore-backup.js';
import { createBackupArchive } from '../../../adapters/archive/backup-archive.js';
import type { Keys } from '../../../adapters/archive/encryption.js';
import { findClientPrograms } from '../../../adapters/postgres/backup/client-programs.js';
import { createDatabaseServer } from '../../../adapters/postgres/backup/database-server.js';
import { compareDigests } from '../../../core/backup/digest.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { BackupManifest } from '../../../core/backup/manifest.js';
import type { BackupArchive } from '../../../core/ports/backups.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { atLeisure, dumpInto, fillLedger, flipOneBit, methodsOf, serverOf } from './backup-server.js';

const run = promisify(execFile);
const ROWS = 3_000;
const PLAIN: Keys = { recipients: [], identity: undefined };

describe('a backup of the ledger', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let directory: string;
  let archive: BackupArchive;
  const restored: string[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    await fillLedger(database, ROWS);
  });
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'backups-'));
    archive = archiveWith(PLAIN);
    return () => rm(directory, { recursive: true, force: true });
  });
  afterAll(async () => {
    for (const name of restored) await serverOf(database, 'superuser').dropDatabase(name);
    await database.drop();
  });

  const archiveWith = (keys: Keys): BackupArchive => createBackupArchive({ directory, keys, s3: undefined, logger: silentLogger, now: Date.now });

  function restore(backupId: string, from = archive, server = serverOf(database)): Promise<RestoreReport> {
    const name = `restored_${randomUUID().replaceAll('-', '')}`;
    restored.push(name);
    return restoreBackup({ backups: from, server, work: atLeisure, now: Date.now }, { backupId, database: name });
  }

  /** As on a server that the bot did not set up. */
  function withoutTemplate(role: 'owner' | 'superuser'): ReturnType<typeof serverOf> {
    return { ...serverOf(database, role), createDatabase: async (name) => { await database.query(`create database ${name} template template0 encoding 'UTF8'`); } };
  }

  it('comes back row for row, with the watermark from which the exchange has to be asked', async () => {
    const { backupId } = await dumpInto(archive, serverOf(database));
    const report = await restore(backupId);
    expect(report).toMatchObject({ place: 'folder', amcheck: 'passed', watermark: { newestExecutionMs: (1_700_000_000 + ROWS) * 1_000, newestTradeMs: null, newestCandleMs: (1_700_000_000 + ROWS * 60) * 1_000 } });
    expect(Number(report.rows)).toBeGreaterThanOrEqual(2 * ROWS);
    expect(report.migrations).toContain('0001_ledger');
    expect(await serverOf(database).migrations(report.database)).toEqual(report.migrations);
  });

  it('is checked by amcheck where the role may bring it along, which leaves no trace, and says so where it may not', async () => {
    const { backupId } = await dumpInto(archive, serverOf(database));
    await expect(restore(backupId, archive, withoutTemplate('owner'))).resolves.toMatchObject({ amcheck: 'not available' });
    const { amcheck, database: name } = await restore(backupId, archive, withoutTemplate('superuser'));
    expect(amcheck).toBe('passed');
    const digests = await serverOf(database, 'superuser').digests(name, atLeisure);
    expect(compareDigests((await archive.manifest(backupId)).database.digest, digests)).toEqual([]);
  });

  const dumpTwice = async (): Promise<BackupManifest[]> => [await dumpInto(archive, serverOf(database)), await dumpInto(archive, serverOf(database))];

  it('holds one instant, also while rows are written all the time', async () => {
    let writing = true;
    let written = 0;
    const writer = (async () => {
      for (; writing; written += 1) await database.query('insert into bot_state values ($1, $2, now())', [`state-${written}`, { written }]);
    })();
    const manifests = await dumpTwice().finally(() => { writing = false; });
    await writer;
    const rowsOf = (index: number): number => Number(manifests[index]?.database.digest.tables.find(({ table }) => table === 'public.bot_state')?.rows);
    expect(rowsOf(1)).toBeGreaterThan(rowsOf(0));
    for (const { backupId } of manifests) await expect(restore(backupId)).resolves.toMatchObject({ backupId });
    const { rows } = (await database.query<{ rows: string }>('select count(*)::text as rows from bot_state'))[0] ?? { rows: '' };
    expect(Number(rows)).toBeGreaterThan(rowsOf(0));
  });

  it('that was changed by one bit is refused before anything is restored', async () => {
    const { backupId } = await dumpInto(archive, serverOf(database));
    const file = path.join(directory, backupId, 'database.dump');
    await flipOneBit(file);
    await expect(archive.readBack(backupId, atLeisure)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('its bytes are not those that were written') as string });
    await expect(restore(backupId)).rejects.toMatchObject({ code: 40003 });
    expect(await serverOf(database).exists(restored.at(-1) ?? '')).toBe(false);
  });

  it('that was cut is refused', async () => {
    const { backupId } = await dumpInto(archive, serverOf(database));
    const file = path.join(directory, backupId, 'database.dump');
    await truncate(file, Math.floor((await stat(file)).size * 0.6));
    await expect(restore(backupId)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('instead of') as string });
  });

  it('whose manifest was changed is none', async () => {
    const { backupId } = await dumpInto(archive, serverOf(database));
    const file = path.join(directory, backupId, 'manifest.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"pinned": false', '"pinned": true'));
    await expect(archive.manifest(backupId)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('the hash that it names') as string });
    expect(await archive.list()).toEqual([]);
  });

  it('whose dump is no whole dump, though its hash fits, fails in the restore', async () => {
    const server = serverOf(database);
    const manifest = await dumpInto({ ...methodsOf(archive), keep: async (file, work) => {
      const draft = path.join(directory, file.backupId, `${file.name}.partial`);
      await truncate(draft, Math.floor((await stat(draft)).size * 0.6));
      return archive.keep(file, work);
    } }, server);
    await expect(archive.readBack(manifest.backupId, atLeisure)).resolves.toBeGreaterThan(0);
    await expect(restore(manifest.backupId)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('pg_restore') as string });
  });

  it('whose content differs from what was dumped names the table', async () => {
    const server = serverOf(database);
    const manifest = await dumpInto(archive, { ...server, dump: async (file, work) => {
      const dump = await server.dump(file, work);
      const tables = dump.database.digest.tables.map((row) => (row.table === 'public.executions' ? { ...row, sum: '1' } : row));
      return { ...dump, database: { ...dump.database, digest: { ...dump.database.digest, tables } } };
    } });
    await expect(restore(manifest.backupId)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('table public.executions has 3000 rows, as many as it should, with other content') as string });
  });

  it('that is encrypted opens with its identity, with no other, and not when it was changed', async () => {
    const [mine, foreign] = [await generateX25519Identity(), await generateX25519Identity()];
    const recipients = [await identityToRecipient(mine)];
    const own = archiveWith({ recipients, identity: `# created by a test\n${mine}\n` });
    const { backupId, files } = await dumpInto(own, serverOf(database));
    expect(files).toMatchObject([{ name: 'database.dump.age', encrypted: true }]);
    expect((await readFile(path.join(directory, backupId, 'database.dump.age'))).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    expect(await restore(backupId, own)).toMatchObject({ backupId });
    await expect(restore(backupId, archiveWith({ recipients, identity: foreign }))).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('encrypted for other keys') as string });
    await expect(restore(backupId, archiveWith(PLAIN))).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('no identity is given') as string });
  });

  it('is not begun where encryption is asked for and cannot be had', async () => {
    const identity = await generateX25519Identity();
    const other = await identityToRecipient(await generateX25519Identity());
    await expect(dumpInto(archiveWith({ recipients: ['age1nonsense'], identity }), serverOf(database))).rejects.toMatchObject({ code: 10002 });
    await expect(dumpInto(archiveWith({ recipients: [other], identity: undefined }), serverOf(database))).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('no identity') as string });
    await expect(dumpInto(archiveWith({ recipients: [other], identity }), serverOf(database))).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('belongs to none') as string });
    expect(await archive.list()).toEqual([]);
  });

  it('on a full disk is a clear error, and leaves no backup', async (context) => {
    const mount = path.join(directory, 'small');
    if (!(await mountSmallDisk(mount))) return context.skip('a small disk needs the right to mount one (root on Linux)');
    try {
      const small = createBackupArchive({ directory: mount, keys: PLAIN, s3: undefined, logger: silentLogger, now: Date.now });
      await expect(dumpInto(small, serverOf(database))).rejects.toMatchObject({ code: 10006, message: expect.stringContaining('the disk is full') as string });
      expect(await small.list()).toEqual([]);
      expect(await small.sweep('')).toHaveLength(1);
    } finally {
      await run('umount', [mount]);
    }
  });

  it('ends with its cause when it is cancelled, and leaves a draft that the next one sweeps', async () => {
    const cancelled = new AbortController();
    const cause = new BotError(10006, 'nobody waits');
    const work = { signal: cancelled.signal, progress: () => cancelled.abort(cause) };
    const server = serverOf(database);
    const draft = await archive.draft({ backupId: '20260101T000000Z-daily-00000000', name: 'database.dump' });
    await expect(server.dump(draft, work)).rejects.toBe(cause);
    expect(await archive.sweep('')).toEqual(['20260101T000000Z-daily-00000000 (without manifest)']);
  });

  it('needs programs that are as new as the server, and says how to get them', async () => {
    const wanted = { serverMajor: 99, directory: undefined, path: '' };
    await expect(findClientPrograms(wanted)).rejects.toMatchObject({ code: 10003, retryable: false, fix: expect.stringContaining('apt-get install postgresql-client-99') as string });
    const elsewhere = createDatabaseServer({ databaseUrl: database.databaseUrl, programsDirectory: '/nowhere', path: '', now: Date.now });
    await expect(elsewhere.dump(path.join(directory, 'x'), atLeisure)).rejects.toMatchObject({ code: 10003, message: expect.stringContaining('backup.postgres_programs') as string });
  });
});

describe('the database server', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  beforeAll(async () => { database = await createTestDatabase(); });
  afterAll(() => database.drop());

  it('makes, renames, swaps and drops databases, also those that are in use', async () => {
    const server = serverOf(database);
    const [from, to] = [`a "b" ${randomUUID()}`, `c-${randomUUID()}`];
    await server.createDatabase(from);
    expect([await server.exists(from), await server.exists(to), (await server.databases()).includes(from)]).toEqual([true, false, true]);
    await server.renameDatabase({ from, to });
    await server.renameDatabase({ from, to });
    expect([await server.exists(from), await server.exists(to)]).toEqual([false, true]);
    expect(await server.migrations(to)).toEqual([]);
    await server.dropDatabase(to);
    await server.dropDatabase(to);
    expect(await server.exists(to)).toBe(false);
    await expect(server.renameDatabase({ from, to })).rejects.toMatchObject({ code: 10003 });
  });

  it('finds what contradicts itself in a ledger', async () => {
    const server = serverOf(database);
    expect(await server.contradictions(database.name)).toEqual([]);
    await database.query("insert into executions select 'funding-1', 'Funding', null, '', '', 'BTCUSDT', 'Buy', '', '', 1, 1, 1, 1, 1, false, 0, 1, now(), 1");
    expect(await server.contradictions(database.name)).toEqual(['1 executions of type Funding without their payment']);
  });
});

async function mountSmallDisk(mount: string): Promise<boolean> {
  try {
    await run('mkdir', [mount]);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=40k', 'tmpfs', mount]);
    return true;
  } catch {
    return false;
  }
}

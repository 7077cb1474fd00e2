import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../activities/runbooks/backup/restore-backup.js';
import { createBackupArchive } from '../../../adapters/archive/backup-archive.js';
import type { S3Settings } from '../../../adapters/archive/s3-settings.js';
import { createS3Storage } from '../../../adapters/archive/s3-storage.js';
import type { BackupArchive } from '../../../core/ports/backups.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openSeverableLink } from '../../support/severable-link.js';
import { startS3, type S3Server } from '../../support/s3-server.js';
import { silentLogger } from '../../support/silent-logger.js';
import { atLeisure, dumpInto, fillLedger, flipOneBit, serverOf } from './backup-server.js';

const server = await startS3();
const PART_BYTES = 8 * 1_024 * 1_024;

// not run because neither versitygw (Go) nor moto (Python) can be had here; the name then says none
describe.skipIf(server === undefined)(`a storage that speaks S3 (${server?.name ?? 'none'})`, { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let directory: string;
  let settings: S3Settings & { endpoint: string };
  beforeAll(async () => {
    database = await createTestDatabase();
    await fillLedger(database, 500);
  });
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'backups-'));
    settings = { ...(server as S3Server).settings, prefix: `bot/${randomUUID()}` };
    return () => rm(directory, { recursive: true, force: true });
  });
  afterAll(async () => {
    await database.drop();
    await server?.stop();
  });

  const archiveAt = (s3: S3Settings): BackupArchive => createBackupArchive({ directory, keys: { recipients: [], identity: undefined }, s3, logger: silentLogger, now: Date.now });

  async function verified(archive: BackupArchive): Promise<string> {
    const { backupId, sha256 } = await dumpInto(archive, serverOf(database), { upload: true });
    await archive.recordVerification({ backupId, atMs: Date.now(), manifestSha256: sha256, passed: true, detail: 'test' });
    return backupId;
  }

  async function put(key: string, body: Buffer | string): Promise<void> {
    const client = new S3Client({ endpoint: settings.endpoint, region: settings.region, forcePathStyle: true, ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }) });
    await client.send(new PutObjectCommand({ Bucket: settings.bucket, Key: `${settings.prefix}/${key}`, Body: body }));
    client.destroy();
  }

  it('keeps a backup that is restored from there when this machine has lost it', async () => {
    const archive = archiveAt(settings);
    const backupId = await verified(archive);
    expect((await archive.upload(backupId, atLeisure)).detail).toContain('read back');
    expect(await archive.list()).toMatchObject([{ backupId, places: ['folder', 's3'], verified: true }]);
    await rm(path.join(directory, backupId), { recursive: true });
    expect(await archive.list()).toMatchObject([{ backupId, places: ['s3'], verified: true }]);
    const name = `restored_${randomUUID().replaceAll('-', '')}`;
    const report = await restoreBackup({ backups: archive, server: serverOf(database), work: atLeisure, now: Date.now }, { backupId, database: name }).finally(() => serverOf(database).dropDatabase(name));
    expect(report).toMatchObject({ place: 's3', backupId });
    expect(await archive.readBack(backupId, atLeisure)).toBeGreaterThan(0);
    await archive.remove(backupId);
    expect(await archive.list()).toEqual([]);
  });

  it('makes up for a copy on this machine that was damaged, and is not believed to when it has none', async () => {
    const archive = archiveAt(settings);
    const backupId = await verified(archive);
    await archive.upload(backupId, atLeisure);
    await flipOneBit(path.join(directory, backupId, 'database.dump'));
    const fetched = await archive.fetch({ backupId, file: 'database.dump' }, atLeisure);
    expect(fetched.place).toBe('s3');
    await fetched.dispose();
    await expect(archive.readBack(backupId, atLeisure)).rejects.toMatchObject({ code: 40003 });
    const second = await verified(archive);
    await flipOneBit(path.join(directory, second, 'database.dump'));
    await expect(archive.fetch({ backupId: second, file: 'database.dump' }, atLeisure)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('the copy in the storage cannot be had') as string });
  });

  it('stores each file once, however often it is asked to', async () => {
    const archive = archiveAt(settings);
    const backupId = await verified(archive);
    const first = await archive.upload(backupId, atLeisure);
    expect(await archive.upload(backupId, atLeisure)).toEqual(first);
  });

  it('is not believed: what it holds of other length or other bytes is an error, and does not become a backup', async () => {
    const archive = archiveAt(settings);
    const backupId = await verified(archive);
    const dump = await readFile(path.join(directory, backupId, 'database.dump'));
    await put(`${backupId}/database.dump`, dump.subarray(0, dump.length / 2));
    await expect(archive.upload(backupId, atLeisure)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining(`bytes instead of ${dump.length}`) as string });
    const other = Buffer.from(dump);
    other[10] = (other[10] ?? 0) ^ 1;
    await put(`${backupId}/database.dump`, other);
    await expect(archive.upload(backupId, atLeisure)).rejects.toMatchObject({ code: 40003, message: expect.stringContaining('its bytes are others') as string });
    expect(await archive.list()).toMatchObject([{ places: ['folder'] }]);
  });

  it('gives a damaged copy to nobody', async () => {
    const archive = archiveAt(settings);
    const backupId = await verified(archive);
    await flipOneBit(path.join(directory, backupId, 'database.dump'));
    await archive.upload(backupId, atLeisure);
    await rm(path.join(directory, backupId), { recursive: true });
    await expect(archive.fetch({ backupId, file: 'database.dump' }, atLeisure)).rejects.toMatchObject({ code: 40003 });
  });

  it('takes a file in parts; an upload that is cut leaves nothing there, and the next one completes it', async () => {
    const link = await openSeverableLink({ host: '127.0.0.1', port: (server as S3Server).port });
    const file = path.join(directory, 'large');
    const content = Buffer.alloc(3 * PART_BYTES, 7);
    await writeFile(file, content);
    const wanted = { backupId: '20260101T000000Z-daily-00000000', name: 'large', path: file, content: { bytes: 3 * PART_BYTES, sha256: createHash('sha256').update(content).digest('hex') } };
    const cut = createS3Storage({ ...settings, endpoint: `http://127.0.0.1:${link.port}` });
    const work = { ...atLeisure, progress: (words: string) => { if (words.startsWith('uploading')) link.cut(); } };
    await expect(cut.store(wanted, work)).rejects.toMatchObject({ code: 40004 });
    const storage = createS3Storage(settings);
    expect(await storage.text(wanted.backupId, 'large')).toBeNull();
    expect(await storage.store(wanted, atLeisure)).toBe('stored');
    expect(await storage.store(wanted, atLeisure)).toBe('was there');
    await link.close();
  });

  it('that refuses the keys says which to check, and tells none of them', async () => {
    const archive = archiveAt({ ...settings, credentials: { accessKeyId: 'test-access', secretAccessKey: 'a-wrong-secret' } });
    const backupId = await verified(archive);
    const refusal: unknown = await archive.upload(backupId, atLeisure).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 40004, retryable: false, fix: expect.stringContaining('BACKUP_S3_ACCESS_KEY_ID') as string });
    expect(JSON.stringify(refusal) + String((refusal as Error).stack)).not.toMatch(/a-wrong-secret|Signature=/);
    expect(await archive.list()).toMatchObject([{ backupId, places: ['folder'], verified: true }]);
  });
});

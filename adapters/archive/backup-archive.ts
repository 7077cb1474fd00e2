/** Backups in a folder of this machine and, where one is configured, in a storage that speaks S3. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ENCRYPTED_SUFFIX, fileOf, type BackupFile, type BackupManifest } from '../../core/backup/manifest.js';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { BackupArchive, BackupPlace, BackupSummary, FetchedFile, WorkInHand } from '../../core/ports/backups.js';
import type { Logger } from '../../core/ports/logger.js';
import { fileError } from './archive-errors.js';
import { BackupFolder } from './backup-folder.js';
import { contentOf } from './durable-files.js';
import { decryptFile, encryptFile, encryptionState, type Keys } from './encryption.js';
import { MANIFEST_FILE, parseManifest, parseVerification, sealed, summaryOf, VERIFICATION_FILE } from './manifest-file.js';
import type { S3Storage } from './s3-storage.js';
import { storagePlace, type S3Settings } from './s3-settings.js';

export interface BackupArchiveOptions {
  /** absolute */
  directory: string;
  keys: Keys;
  /** undefined: backups stay on this machine */
  s3: S3Settings | undefined;
  logger: Logger;
  /** host ms */
  now(): number;
}

interface FileJob {
  entry: BackupFile;
  /** folder for what is fetched */
  workshop: string;
}

interface KeptFile {
  path: string;
  place: BackupPlace;
}

const UNIQUE_BYTES = 4;

export function createBackupArchive(options: BackupArchiveOptions): BackupArchive {
  return new Archive(options);
}

class Archive implements BackupArchive {
  private readonly folder: BackupFolder;
  private opened: Promise<S3Storage> | undefined;

  constructor(private readonly options: BackupArchiveOptions) {
    this.folder = new BackupFolder(options.directory, () => options.now());
  }

  get storage(): string | null {
    return this.options.s3 === undefined ? null : storagePlace(this.options.s3);
  }

  encryption(): Promise<'on' | 'off'> {
    return encryptionState(this.options.keys);
  }

  freeBytes(): Promise<number> {
    return this.folder.freeBytes();
  }

  /** A storage that is away hides only what is nowhere else. A backup whose manifest is damaged is told, and not listed. */
  async list(): Promise<BackupSummary[]> {
    const [here, there] = await Promise.all([this.folder.ids(), this.idsInStorage()]);
    const ids = [...new Set([...here, ...there])];
    const summaries = await Promise.all(ids.map((backupId) => this.summary(backupId, [...(here.includes(backupId) ? ['folder' as const] : []), ...(there.includes(backupId) ? ['s3' as const] : [])])));
    return summaries.filter((summary) => summary !== null).sort((a, b) => b.takenAtMs - a.takenAtMs);
  }

  async manifest(backupId: string): Promise<BackupManifest> {
    const text = (await this.folder.text(backupId, MANIFEST_FILE)) ?? (await (await this.s3())?.text(backupId, MANIFEST_FILE)) ?? null;
    if (text === null) throw new BotError(40004, `there is no backup ${backupId}`, { retryable: false, fix: 'npx bot backup list shows which there are.' });
    return parseManifest(text, backupId);
  }

  async fetch({ backupId, file }: { backupId: string; file: string }, work: WorkInHand): Promise<FetchedFile> {
    const entry = fileOf(await this.manifest(backupId), file);
    if (entry === undefined) throw new BotError(40004, `backup ${backupId} has no ${file}`, { retryable: false, fix: `npx bot backup show ${backupId} lists its files.` });
    const workshop = this.newWorkshop(backupId);
    const dispose = (): Promise<void> => this.close(workshop);
    try {
      const kept = await this.soundFile(backupId, { entry, workshop }, work);
      const plain = entry.encrypted ? await this.decrypted(kept.path, { entry, workshop }, work) : kept.path;
      return { path: plain, place: kept.place, bytes: entry.bytes, dispose };
    } catch (error) {
      await dispose();
      throw fileError(error, `fetch ${entry.name} of backup ${backupId}`);
    }
  }

  sweep(except: string): Promise<string[]> {
    return this.folder.sweep(except);
  }

  draft({ backupId, name }: { backupId: string; name: string }): Promise<string> {
    return this.folder.draft(backupId, name);
  }

  async keep({ backupId, name, holds }: { backupId: string; name: string; holds: string }, work: WorkInHand): Promise<BackupFile> {
    const encrypted = (await this.encryption()) === 'on';
    const plainDraft = `${this.folder.file(backupId, name)}.partial`;
    const storedName = encrypted ? name + ENCRYPTED_SUFFIX : name;
    const file = this.folder.file(backupId, storedName);
    try {
      const plainSha256 = encrypted ? await encryptFile({ from: plainDraft, to: `${file}.partial` }, this.options.keys.recipients, work) : undefined;
      work.signal.throwIfAborted();
      await this.folder.settle(`${file}.partial`, file);
      if (encrypted) await rm(plainDraft, { force: true });
      const content = await contentOf(file, work);
      return { name: storedName, ...content, plainSha256: plainSha256 ?? content.sha256, encrypted, holds };
    } catch (error) {
      throw fileError(error, `keep ${storedName}`);
    }
  }

  async finish(content: Parameters<BackupArchive['finish']>[0]): Promise<BackupManifest> {
    const { text, manifest } = sealed(content);
    await this.folder.write(content.backupId, { name: MANIFEST_FILE, text });
    return manifest;
  }

  async readBack(backupId: string, work: WorkInHand): Promise<number> {
    const manifest = await this.manifest(backupId);
    let bytes = 0;
    for (const entry of manifest.files) {
      const workshop = this.newWorkshop(backupId);
      await this.keptFile(backupId, { entry, workshop }, work).finally(() => this.close(workshop));
      bytes += entry.bytes;
    }
    return bytes;
  }

  async recordVerification(verification: Parameters<BackupArchive['recordVerification']>[0]): Promise<void> {
    const text = `${JSON.stringify(verification, null, 2)}\n`;
    const { backupId } = verification;
    if (await this.folder.exists(backupId, MANIFEST_FILE)) await this.folder.write(backupId, { name: VERIFICATION_FILE, text });
    else await (await this.s3())?.write({ backupId, name: VERIFICATION_FILE, text });
  }

  async upload(backupId: string, work: WorkInHand): Promise<{ bytes: number; detail: string }> {
    const s3 = await this.s3();
    if (s3 === undefined) throw new BotError(10002, 'no storage is configured', { fix: 'Fill in backup.s3 of the configuration.' });
    const manifest = await this.manifest(backupId);
    const verification = await this.folder.text(backupId, VERIFICATION_FILE);
    if (verification !== null) await s3.write({ backupId, name: VERIFICATION_FILE, text: verification });
    const names = [...manifest.files.map(({ name }) => name), MANIFEST_FILE];
    let bytes = 0;
    for (const name of names) {
      const file = this.folder.file(backupId, name);
      const content = await contentOf(file, work).catch((error: unknown) => { throw fileError(error, `read ${name}`); });
      await s3.store({ backupId, name, path: file, content }, work);
      bytes += content.bytes;
    }
    return { bytes, detail: `${names.length} files, ${bytes} bytes in ${this.storage}, read back` };
  }

  async remove(backupId: string): Promise<void> {
    await (await this.s3())?.remove(backupId);
    await this.folder.remove(backupId);
  }

  async discard(backupId: string): Promise<void> {
    if (!(await this.folder.exists(backupId, MANIFEST_FILE))) await this.folder.remove(backupId);
  }

  /** Its library is large: loaded by who needs it, when it does. */
  private async s3(): Promise<S3Storage | undefined> {
    const { s3 } = this.options;
    if (s3 === undefined) return undefined;
    this.opened ??= import('./s3-storage.js').then(({ createS3Storage }) => createS3Storage(s3));
    return this.opened;
  }

  private newWorkshop(backupId: string): string {
    return `${backupId}-${randomBytes(UNIQUE_BYTES).toString('hex')}`;
  }

  private close(workshop: string): Promise<void> {
    return this.folder.closeWorkshop(workshop);
  }

  private async idsInStorage(): Promise<string[]> {
    try {
      return (await (await this.s3())?.list()) ?? [];
    } catch (error) {
      if (!isBotError(error)) throw error;
      this.options.logger.warning(`Backups in the storage are not listed: ${error.message}`, { code: error.code });
      return [];
    }
  }

  private async summary(backupId: string, places: BackupPlace[]): Promise<BackupSummary | null> {
    try {
      const manifest = await this.manifest(backupId);
      const text = places.includes('folder') ? await this.folder.text(backupId, VERIFICATION_FILE) : ((await (await this.s3())?.text(backupId, VERIFICATION_FILE)) ?? null);
      return summaryOf(manifest, { verification: parseVerification(text, manifest), places });
    } catch (error) {
      if (!isBotError(error)) throw error;
      this.options.logger.warning(`A backup is not listed: ${error.message}`, { code: error.code, backupId });
      return null;
    }
  }

  /** A damaged copy on this machine is made up for by the one in the storage. */
  private async soundFile(backupId: string, job: FileJob, work: WorkInHand): Promise<KeptFile> {
    try {
      return await this.keptFile(backupId, job, work);
    } catch (error) {
      if (this.storage === null || !isBotError(error) || error.code !== 40003) throw error;
      this.options.logger.warning(`${error.message}; the copy in the storage is taken`, { code: error.code, backupId });
      return await this.fileFromStorage(backupId, job, work).catch((storage: unknown) => {
        if (!isBotError(storage)) throw storage;
        throw new BotError(error.code, `${error.message}; and the copy in the storage cannot be had: ${storage.message}`, { fix: error.fix });
      });
    }
  }

  private async keptFile(backupId: string, job: FileJob, work: WorkInHand): Promise<KeptFile> {
    if (!(await this.folder.exists(backupId, job.entry.name))) return this.fileFromStorage(backupId, job, work);
    const file = this.folder.file(backupId, job.entry.name);
    await this.checked(file, { backupId, entry: job.entry }, work);
    return { path: file, place: 'folder' };
  }

  private async fileFromStorage(backupId: string, { entry, workshop }: FileJob, work: WorkInHand): Promise<KeptFile> {
    const s3 = await this.s3();
    if (s3 === undefined) throw new BotError(40004, `${entry.name} of backup ${backupId} is not in ${this.folder.directory}`, { retryable: false, fix: 'Configure backup.s3 where it has a copy, or choose another backup.' });
    const file = path.join(await this.folder.workshop(workshop), entry.name);
    await s3.fetch({ backupId, name: entry.name, path: file }, work);
    await this.checked(file, { backupId, entry }, work);
    return { path: file, place: 's3' };
  }

  private async decrypted(kept: string, { entry, workshop }: { entry: BackupFile; workshop: string }, work: WorkInHand): Promise<string> {
    const plain = path.join(await this.folder.workshop(workshop), entry.name.slice(0, -ENCRYPTED_SUFFIX.length));
    const sha256 = await decryptFile({ from: kept, to: plain }, this.options.keys.identity, work);
    if (sha256 !== entry.plainSha256) throw new BotError(40003, `${entry.name} does not hold what was encrypted`);
    return plain;
  }

  private async checked(file: string, { backupId, entry }: { backupId: string; entry: BackupFile }, work: WorkInHand): Promise<void> {
    const found = await contentOf(file, work);
    if (found.bytes === entry.bytes && found.sha256 === entry.sha256) return;
    const problem = found.bytes === entry.bytes ? 'its bytes are not those that were written' : `it has ${found.bytes} bytes instead of ${entry.bytes}`;
    throw new BotError(40003, `${entry.name} of backup ${backupId} is damaged: ${problem}`, { fix: 'Choose another backup (npx bot backup list), take a new one, and check the disk.' });
  }
}

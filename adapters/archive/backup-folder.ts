/**
 * Backups in a folder of this machine, one sub-folder each.
 *
 * Invariants
 * 1. A sub-folder without a manifest is no backup: the manifest is written last and removed first.
 * 2. Files take their names once they are on disk for good.
 */
import { mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { isBackupId } from '../../core/backup/backup-id.js';
import { BotError } from '../../core/errors/bot-error.js';
import { fileError } from './archive-errors.js';
import { DRAFT_SUFFIX, OWNER_ONLY, settle, sync, writeDurably } from './durable-files.js';
import { MANIFEST_FILE } from './manifest-file.js';

/** decrypted and fetched files; what a killed process left there is removed a day later */
const WORKSHOP = '.work';
const LEFT_BEHIND_AFTER_MS = 86_400_000;

export class BackupFolder {
  constructor(readonly directory: string, private readonly now: () => number) {}

  async ids(): Promise<string[]> {
    const names = await this.names();
    const owners = await Promise.all(names.filter((name) => isBackupId(name)).map(async (name) => ((await this.exists(name, MANIFEST_FILE)) ? [name] : [])));
    return owners.flat();
  }

  file(backupId: string, name: string): string {
    if (!isBackupId(backupId) || path.basename(name) !== name) throw new BotError(40004, 'that is no id of a backup', { retryable: false, fix: 'npx bot backup list prints the ids.' });
    return path.join(this.directory, backupId, name);
  }

  async exists(backupId: string, name: string): Promise<boolean> {
    return stat(this.file(backupId, name)).then(() => true, () => false);
  }

  /** null: there is no such file */
  async text(backupId: string, name: string): Promise<string | null> {
    try {
      return await readFile(this.file(backupId, name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw fileError(error, `read ${name}`);
    }
  }

  /** Path of a file to be written: an old draft of that name is removed. */
  draft(backupId: string, name: string): Promise<string> {
    return this.guard(`begin ${name}`, async () => {
      const draft = this.file(backupId, name) + DRAFT_SUFFIX;
      await mkdir(path.dirname(draft), { recursive: true, mode: OWNER_ONLY.folder });
      await rm(draft, { force: true });
      return draft;
    });
  }

  settle(draft: string, file: string): Promise<void> {
    return this.guard(`keep ${path.basename(file)}`, () => settle(draft, file));
  }

  write(backupId: string, { name, text }: { name: string; text: string }): Promise<void> {
    return this.guard(`write ${name}`, () => writeDurably(this.file(backupId, name), text));
  }

  remove(backupId: string): Promise<void> {
    return this.guard(`remove ${backupId}`, async () => {
      const manifest = this.file(backupId, MANIFEST_FILE);
      const folder = path.dirname(manifest);
      if (await this.exists(backupId, MANIFEST_FILE)) {
        await rm(manifest, { force: true });
        await sync(folder);
      }
      await rm(folder, { recursive: true, force: true });
    });
  }

  /** What no backup owns: sub-folders without manifest, drafts, files that a killed process fetched. */
  sweep(except: string): Promise<string[]> {
    return this.guard('clear what was left behind', async () => {
      const swept: string[] = [];
      const own = new Set(await this.ids());
      for (const name of await this.names()) {
        if (name === except || !isBackupId(name)) continue;
        if (own.has(name)) swept.push(...(await this.sweepDrafts(name)));
        else {
          await rm(path.join(this.directory, name), { recursive: true, force: true });
          swept.push(`${name} (without manifest)`);
        }
      }
      return [...swept, ...(await this.sweepWorkshop())];
    });
  }

  /** A new folder for files that are needed for a while only. */
  workshop(name: string): Promise<string> {
    return this.guard('make room for a file', async () => {
      const folder = path.join(this.directory, WORKSHOP, name);
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY.folder });
      return folder;
    });
  }

  async closeWorkshop(name: string): Promise<void> {
    await rm(path.join(this.directory, WORKSHOP, name), { recursive: true, force: true });
  }

  async freeBytes(): Promise<number> {
    return this.guard('look at the disk', async () => {
      await mkdir(this.directory, { recursive: true, mode: OWNER_ONLY.folder });
      const { bavail, bsize } = await statfs(this.directory);
      return bavail * bsize;
    });
  }

  private async sweepDrafts(backupId: string): Promise<string[]> {
    const drafts = (await readdir(path.join(this.directory, backupId))).filter((name) => name.endsWith(DRAFT_SUFFIX));
    for (const name of drafts) await rm(path.join(this.directory, backupId, name), { force: true });
    return drafts.map((name) => `${backupId}/${name}`);
  }

  private async sweepWorkshop(): Promise<string[]> {
    const root = path.join(this.directory, WORKSHOP);
    const names = await readdir(root).catch(() => []);
    const swept: string[] = [];
    for (const name of names) {
      const { mtimeMs } = await stat(path.join(root, name));
      if (this.now() - mtimeMs < LEFT_BEHIND_AFTER_MS) continue;
      await rm(path.join(root, name), { recursive: true, force: true });
      swept.push(`${WORKSHOP}/${name}`);
    }
    return swept;
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw fileError(error, 'list the backups');
    }
  }

  private async guard<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw fileError(error, what);
    }
  }
}

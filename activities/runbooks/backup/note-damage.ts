/** A backup that was found damaged no longer counts, whatever was found before. One whose manifest is damaged is none. */
import { isBotError } from '../../../core/errors/bot-error.js';
import type { BackupArchive } from '../../../core/ports/backups.js';

export interface DamageNotes {
  archive: Pick<BackupArchive, 'manifest' | 'recordVerification'>;
  /** host ms */
  now(): number;
}

/** Rejects with what `look` rejects with; damage (40003) is noted beside the manifest first. */
export async function notingDamage<T>({ archive, now }: DamageNotes, backupId: string, look: () => Promise<T>): Promise<T> {
  const { sha256: manifestSha256 } = await archive.manifest(backupId);
  try {
    return await look();
  } catch (error) {
    if (isBotError(error) && error.code === 40003) await archive.recordVerification({ backupId, atMs: now(), manifestSha256, passed: false, detail: error.message });
    throw error;
  }
}

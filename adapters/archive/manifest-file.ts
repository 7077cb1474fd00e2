/** The manifest and the verification as texts: read with all checks, summed up. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalText, manifestText, readManifest, type BackupManifest, type ManifestContent } from '../../core/backup/manifest.js';
import { BotError } from '../../core/errors/bot-error.js';
import type { BackupPlace, BackupSummary, Verification } from '../../core/ports/backups.js';

export const MANIFEST_FILE = 'manifest.json';
export const VERIFICATION_FILE = 'verification.json';

export function sealed(content: ManifestContent): { text: string; manifest: BackupManifest } {
  const sha256 = hashOf(canonicalText(content));
  return { text: manifestText(content, sha256), manifest: { ...content, sha256 } };
}

/** Rejects with 40003 when it is not what was written. */
export function parseManifest(text: string, backupId: string): BackupManifest {
  const read = readManifest(text);
  if ('problem' in read) throw damaged(backupId, read.problem);
  if (hashOf(read.canonical) !== read.manifest.sha256) throw damaged(backupId, 'it does not have the hash that it names');
  if (read.manifest.backupId !== backupId) throw damaged(backupId, `it is the manifest of ${read.manifest.backupId}`);
  return read.manifest;
}

const verificationSchema: z.ZodType<Verification> = z.strictObject({ backupId: z.string(), atMs: z.int(), manifestSha256: z.string(), passed: z.boolean(), detail: z.string() });

/** null: there is none, or none that fits this manifest; then the backup does not count */
export function parseVerification(text: string | null, manifest: BackupManifest): Verification | null {
  if (text === null) return null;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return null;
  }
  const { data } = verificationSchema.safeParse(given);
  return data === undefined || data.manifestSha256 !== manifest.sha256 ? null : data;
}

export function summaryOf(manifest: BackupManifest, { verification, places }: { verification: Verification | null; places: BackupPlace[] }): BackupSummary {
  const verified = verification?.passed === true;
  return {
    backupId: manifest.backupId, takenAtMs: manifest.takenAtMs, kind: manifest.kind, database: manifest.database.name, serverVersion: manifest.database.serverVersion,
    migrations: manifest.database.migrations, bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    verified, verifiedAtMs: verified ? verification.atMs : null, places, pinned: manifest.pinned, watermark: manifest.database.watermark,
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function damaged(backupId: string, problem: string): BotError {
  return new BotError(40003, `the manifest of backup ${backupId} is damaged: ${problem}`, { fix: 'Do not use this backup: npx bot backup list shows the others.' });
}

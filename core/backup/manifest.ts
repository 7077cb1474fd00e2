/**
 * The manifest of a backup: what is in it, and what it has to be when it comes back. It is written last, so that its presence
 * is what makes a backup of a folder of files.
 *
 * Invariants
 * 1. It carries the hash of itself; one whose hash does not fit is not read.
 * 2. It names keys and never holds one.
 */
import { z } from 'zod';
import type { DatabaseDigest } from './digest.js';

export const BACKUP_KINDS = ['manual', 'daily', 'weekly', 'monthly'] as const;
export type BackupKind = (typeof BACKUP_KINDS)[number];

const SCHEMA_VERSION = 1;
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.int().min(0);

const digestSchema: z.ZodType<DatabaseDigest> = z.strictObject({
  tables: z.array(z.strictObject({ table: z.string(), rows: z.string(), sum: z.string() })),
  sequences: z.array(z.strictObject({ sequence: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  schema: hash,
});

const fileSchema = z.strictObject({
  /** inside the folder of the backup */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/),
  /** as it is kept */
  bytes: z.int().min(0),
  /** of the file as it is kept */
  sha256: hash,
  /** of the file before it was encrypted; the same when it is not */
  plainSha256: hash,
  encrypted: z.boolean(),
  /** what it holds, in plain words */
  holds: z.string(),
});

const watermarkSchema = z.strictObject({
  /** exchange ms of the newest execution in the dump; null: none. Everything since has to come from the exchange */
  newestExecutionMs: instant.nullable(),
  /** exchange ms: close of the newest candle a trade was decided on */
  newestTradeMs: instant.nullable(),
  /** exchange ms: start of the newest candle */
  newestCandleMs: instant.nullable(),
});

const databaseSchema = z.strictObject({
  name: z.string(),
  serverVersion: z.string(),
  encoding: z.string(),
  collation: z.string(),
  /** name and version */
  extensions: z.array(z.string()),
  migrations: z.array(z.string()),
  /** of the exported snapshot */
  snapshotId: z.string(),
  /** write-ahead log position when the snapshot was taken; '' where the server does not tell */
  lsn: z.string(),
  digest: digestSchema,
  watermark: watermarkSchema,
});

const contentSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  backupId: z.string(),
  kind: z.enum(BACKUP_KINDS),
  /** host ms of the snapshot */
  takenAtMs: instant,
  finishedAtMs: instant,
  workflowId: z.string(),
  runId: z.string(),
  reason: z.string(),
  /** the retention never removes it */
  pinned: z.boolean(),
  /** a copy in S3 was asked for */
  upload: z.boolean(),
  /** of the program */
  version: z.string(),
  /** program and version, as in pg_dump 15.14 */
  tools: z.array(z.string()),
  /** age recipients that can open encrypted files; empty: nothing is encrypted */
  recipients: z.array(z.string()),
  /** what the backup lacks by intent, in plain words */
  leftOut: z.array(z.string()),
  database: databaseSchema,
  files: z.array(fileSchema).min(1),
});

export type BackupFile = z.output<typeof fileSchema>;
export type Watermark = z.output<typeof watermarkSchema>;
export type DumpedDatabase = z.output<typeof databaseSchema>;
export type ManifestContent = z.output<typeof contentSchema>;
export interface BackupManifest extends ManifestContent {
  /** SHA-256 of the canonical text of everything else */
  sha256: string;
}

/** The text whose hash the manifest carries: fields in the order of the schema, two spaces, a line end. */
export function canonicalText(content: ManifestContent): string {
  return `${JSON.stringify(contentSchema.parse(content), null, 2)}\n`;
}

/** The file, given the hash of its `canonicalText`. */
export function manifestText(content: ManifestContent, sha256: string): string {
  return `${JSON.stringify({ ...contentSchema.parse(content), sha256 }, null, 2)}\n`;
}

export type ReadManifest = { manifest: BackupManifest; canonical: string } | { problem: string };

/** `canonical` has still to be hashed and compared with `manifest.sha256`: this module computes no hashes. */
export function readManifest(text: string): ReadManifest {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const result = contentSchema.extend({ sha256: hash }).safeParse(given);
  if (!result.success) return { problem: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).slice(0, 3).join('; ') };
  const { sha256, ...content } = result.data;
  return { manifest: { ...content, sha256 }, canonical: canonicalText(content) };
}

/** The file that every backup has and that restores the ledger. */
export const DUMP_FILE = 'database.dump';
export const ENCRYPTED_SUFFIX = '.age';

/** undefined: the backup has no such file */
export function fileOf(manifest: ManifestContent, plainName: string): BackupFile | undefined {
  return manifest.files.find(({ name }) => name === plainName || name === plainName + ENCRYPTED_SUFFIX);
}

/** `GET /api/v1/backups` and `/api/v1/backups/{id}`: which backups there are, what one holds. Making, verifying and removing them are runbooks. */
import { z } from 'zod';
import { backupIdPattern } from '../../core/backup/backup-id.js';
import { BACKUP_KINDS, type BackupManifest } from '../../core/backup/manifest.js';
import { isBotError } from '../../core/errors/bot-error.js';
import type { BackupSummary } from '../../core/ports/backups.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { RefusedRequest } from '../problem.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { iso, isoOrNull, provenance } from '../wire.js';

const when = z.string().nullable();

const backupSchema = z.object({
  backup_id: z.string(),
  kind: z.enum(BACKUP_KINDS),
  taken_at: z.string().meta({ description: 'instant of the snapshot, UTC' }),
  verified: z.boolean().meta({ description: 'restored into a scratch database, where its digests matched: only then it counts' }),
  verified_at: when,
  bytes: z.int(),
  places: z.array(z.enum(['folder', 's3'])),
  pinned: z.boolean().meta({ description: 'the retention never removes it' }),
  database: z.string(),
  server_version: z.string(),
  newest_execution_at: when.meta({ description: 'of the newest execution in the dump, exchange time; null: none' }),
}).meta({ id: 'Backup' });

const listSchema = z.object({
  ...provenance,
  storage: z.string().nullable().meta({ description: 'storage beside the folder; null: none is configured' }),
  backups: z.array(backupSchema).meta({ description: 'newest first' }),
}).meta({ id: 'Backups' });

const detailSchema = z.object({
  ...provenance,
  backup: backupSchema,
  reason: z.string(),
  encrypted_for: z.array(z.string()).meta({ description: 'age recipients; empty: not encrypted' }),
  left_out: z.array(z.string()),
  manifest_sha256: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string(), encrypted: z.boolean(), holds: z.string() })),
  tables: z.array(z.object({ table: z.string(), rows: z.string() })),
}).meta({ id: 'BackupDetail' });

const params = z.strictObject({ id: z.string().regex(backupIdPattern()).meta({ description: 'as GET /api/v1/backups lists it, for example 20260131T010203Z-daily-5f0c2a9e' }) });

export function backupsRoute({ backups, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/backups', summary: 'The backups there are, newest first', role: 'viewer', query: NOTHING, body: NOTHING, reply: listSchema,
    statuses: { 200: 'The backups' },
    handle: async () => ({ status: 200, body: { as_of: iso(clock()), source: 'api' as const, storage: backups.storage, backups: (await backups.list()).map(onTheWire) } }),
  });
}

export function backupRoute({ backups, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/backups/{id}', summary: 'What one backup holds', role: 'viewer', params, query: NOTHING, body: NOTHING, reply: detailSchema,
    statuses: { 200: 'The backup' },
    handle: async ({ params: { id } }) => {
      const [manifest, summary] = await Promise.all([known(id, () => backups.manifest(id)), backups.list().then((all) => all.find(({ backupId }) => backupId === id))]);
      if (summary === undefined) throw unknown(id);
      return { status: 200, body: { as_of: iso(clock()), source: 'api' as const, ...detail(manifest, summary) } };
    },
  });
}

function onTheWire(backup: BackupSummary): z.output<typeof backupSchema> {
  return {
    backup_id: backup.backupId, kind: backup.kind, taken_at: iso(backup.takenAtMs), verified: backup.verified, verified_at: isoOrNull(backup.verifiedAtMs), bytes: backup.bytes, places: backup.places,
    pinned: backup.pinned, database: backup.database, server_version: backup.serverVersion, newest_execution_at: isoOrNull(backup.watermark.newestExecutionMs),
  };
}

function detail(manifest: BackupManifest, summary: BackupSummary): Omit<z.output<typeof detailSchema>, 'as_of' | 'source'> {
  return {
    backup: onTheWire(summary), reason: manifest.reason, encrypted_for: manifest.recipients, left_out: manifest.leftOut, manifest_sha256: manifest.sha256,
    files: manifest.files.map(({ name, bytes, sha256, encrypted, holds }) => ({ name, bytes, sha256, encrypted, holds })),
    tables: manifest.database.digest.tables.map(({ table, rows }) => ({ table, rows })),
  };
}

async function known<T>(id: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isBotError(error) && error.code === 40004 && !error.retryable) throw unknown(id);
    throw error;
  }
}

function unknown(id: string): RefusedRequest {
  return new RefusedRequest(404, `there is no backup ${id}`, { fix: 'GET /api/v1/backups lists them', retryable: false });
}

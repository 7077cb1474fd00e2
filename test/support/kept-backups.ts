/** Backups of a test's database: dumped, kept and marked as verified by the real parts, without the rest of a full backup. */
import { randomUUID } from 'node:crypto';
import { backupIdOf } from '../../core/backup/backup-id.js';
import { DUMP_FILE } from '../../core/backup/manifest.js';
import type { WorkInHand } from '../../core/ports/backups.js';
import type { BackupEdges } from '../../workers/backup-edges.js';

const NOBODY_WAITS: WorkInHand = { signal: new AbortController().signal, progress: () => undefined };

/** Returns its id. */
export async function takeBackup({ archive, server }: Pick<BackupEdges, 'archive' | 'server'>): Promise<string> {
  const startedMs = Date.now();
  const backupId = backupIdOf({ kind: 'manual', startedMs, runId: randomUUID() });
  const { takenAtMs, database } = await server.dump(await archive.draft({ backupId, name: DUMP_FILE }), NOBODY_WAITS);
  const file = await archive.keep({ backupId, name: DUMP_FILE, holds: 'the ledger' }, NOBODY_WAITS);
  const { sha256 } = await archive.finish({
    schemaVersion: 1, backupId, kind: 'manual', takenAtMs, finishedAtMs: Date.now(), workflowId: 'test', runId: 'test', reason: 'test', pinned: false, upload: false, version: '0', tools: [], recipients: [],
    leftOut: [], database, files: [file],
  });
  await archive.recordVerification({ backupId, atMs: Date.now(), manifestSha256: sha256, passed: true, detail: 'taken for a test' });
  return backupId;
}

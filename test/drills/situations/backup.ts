import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createBackupArchive } from '../../../adapters/archive/backup-archive.js';
import { createDatabaseServer } from '../../../adapters/postgres/backup/database-server.js';
import { isScratchDatabase } from '../../../core/backup/backup-id.js';
import { silentLogger } from '../../support/silent-logger.js';
import type { Situation } from './situation.js';

/** Whatever is killed: afterwards this backup is there and counts, or nothing of it is. */
export const backupSituation: Situation = {
  runbook: 'backup',
  prepare: () => Promise.resolve({ kind: 'manual' }),
  verify: async ({ stack: { dataDir, databaseUrl } }, run) => {
    const backupId = String(run.figures['backupId'] ?? '');
    const directory = path.join(dataDir, 'backups');
    const archive = createBackupArchive({ directory, keys: { recipients: [], identity: undefined }, s3: undefined, logger: silentLogger, now: Date.now });
    const counts = (await archive.list()).some((backup) => backup.backupId === backupId && backup.verified);
    const files = await readdir(directory, { recursive: true }).catch(() => []);
    const scratch = (await createDatabaseServer({ databaseUrl, path: '', now: Date.now }).databases()).filter(isScratchDatabase);
    return [
      ...(run.state === 'completed' && !counts ? [`the backup ${backupId} ended well and does not count`] : []),
      ...(run.state === 'cancelled' && !counts && files.includes(path.join(backupId, 'database.dump')) && !files.includes(path.join(backupId, 'manifest.json')) ? [`the cancelled backup ${backupId} left its dump`] : []),
      ...(run.state === 'completed' ? files.filter((name) => name.startsWith(backupId) && name.endsWith('.partial')).map((name) => `${name} is left`) : []),
      ...scratch.map((name) => `the scratch database ${name} is left`),
    ];
  },
};

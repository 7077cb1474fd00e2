/** The edges of backups, as configuration and environment say. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApplicationFiles } from '../adapters/archive/application-files.js';
import { createBackupArchive } from '../adapters/archive/backup-archive.js';
import type { S3Settings } from '../adapters/archive/s3-settings.js';
import { createDatabaseServer } from '../adapters/postgres/backup/database-server.js';
import type { BackupDependencies } from '../activities/runbooks/backup/backup-dependencies.js';
import type { BackupSettings } from '../config/backup-section.js';
import type { BackupKeys } from '../config/environment.js';
import { processEnvironment } from '../config/process-environment.js';
import { BotError } from '../core/errors/bot-error.js';
import type { BackupArchive } from '../core/ports/backups.js';
import type { Logger } from '../core/ports/logger.js';

export interface BackupEdgesOptions {
  backup: BackupSettings;
  keys: BackupKeys;
  dataDir: string;
  configPath: string;
  databaseUrl: string;
  logger: Logger;
}

export type BackupEdges = Pick<BackupDependencies, 'archive' | 'server' | 'files' | 'retention' | 'recipients'>;

const LEVELS_MAX = 4;

/** Rejects with 10002 when the identity's file cannot be read. */
export async function openBackupEdges({ backup, keys, dataDir, configPath, databaseUrl, logger }: BackupEdgesOptions): Promise<BackupEdges> {
  const identity = keys.ageIdentity ?? (keys.ageIdentityFile === undefined ? undefined : await readIdentity(keys.ageIdentityFile));
  return {
    archive: createBackupArchive({ directory: backupDirectory(backup, dataDir), keys: { recipients: backup.age_recipients, identity }, s3: s3Settings(backup, keys), logger, now: Date.now }),
    server: createDatabaseServer({ databaseUrl, programsDirectory: backup.postgres_programs, path: processEnvironment()['PATH'] ?? '', now: Date.now }),
    files: createApplicationFiles({
      configPath: path.resolve(configPath), dataDir: path.resolve(dataDir), besides: besides(path.resolve(dataDir)), programDirectory: programDirectory(), workingDirectory: process.cwd(),
      backupDirectory: backupDirectory(backup, dataDir),
    }),
    retention: backup.retention,
    recipients: backup.age_recipients,
  };
}

/** For a process that lists backups and opens none. */
export function openBackupList({ backup, keys, dataDir, logger }: Pick<BackupEdgesOptions, 'backup' | 'keys' | 'dataDir' | 'logger'>): BackupArchive {
  return createBackupArchive({ directory: backupDirectory(backup, dataDir), keys: { recipients: backup.age_recipients, identity: undefined }, s3: s3Settings(backup, keys), logger, now: Date.now });
}

function backupDirectory({ folder }: BackupSettings, dataDir: string): string {
  return folder === undefined ? path.resolve(dataDir, 'backups') : path.resolve(folder);
}

function s3Settings({ s3 }: BackupSettings, keys: BackupKeys): S3Settings | undefined {
  return s3 === undefined ? undefined : { endpoint: s3.endpoint, region: s3.region, bucket: s3.bucket, prefix: s3.prefix, credentials: keys.s3 };
}

/** The guide keeps logs and reports beside `data/`; another data directory has them inside. */
function besides(dataDir: string): Record<string, string> {
  if (path.basename(dataDir) !== 'data') return {};
  return { logs: path.join(path.dirname(dataDir), 'logs'), reports: path.join(path.dirname(dataDir), 'reports') };
}

/** The folder that holds package.json: above the compiled sources, or beside the plain ones. */
function programDirectory(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  let folder = start;
  for (let level = 0; level < LEVELS_MAX; level += 1, folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
  }
  return path.dirname(start);
}

async function readIdentity(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new BotError(10002, 'the file that BACKUP_AGE_IDENTITY_FILE names cannot be read', { fix: 'Check its path, and that the user of this process may read it.' });
  }
}

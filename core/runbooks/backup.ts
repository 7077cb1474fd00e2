/** Backing up the database, the configuration, the data and the program; a backup counts only once it was restored and compared. */
import type { BackupKind } from '../backup/manifest.js';
import type { RunbookDefinition } from './definition.js';

export interface BackupParams {
  kind: BackupKind;
  /** false: it stays on this machine, although a storage is configured */
  upload: boolean;
  /** the retention never removes it */
  pin: boolean;
  /** false: what the retention would remove is only told */
  prune: boolean;
}

/** The names are those of the maintenance guide's "Full System Backup", and what a backup needs to be trusted. */
export const BACKUP_STEPS = {
  sweep: 'clear what broken off backups left',
  database: 'database backup',
  configuration: 'configuration backup',
  data: 'application data',
  source: 'source code',
  manifest: 'manifest',
  verify: 'verify by restore into a scratch database',
  upload: 'upload to cloud storage',
  retention: 'retention',
} as const;

export const BACKUP: RunbookDefinition<BackupParams> = {
  title: 'Back up database, configuration, data and program; restore it into a scratch database and compare; upload',
  destructive: false,
  steps: Object.values(BACKUP_STEPS),
  // one at a time, of whatever kind
  keyOf: () => 'system',
};

export interface VerifyBackupParams {
  backup_id: string;
}

export const VERIFY_BACKUP: RunbookDefinition<VerifyBackupParams> = {
  title: 'Verify a kept backup: read all of it, restore it into a scratch database, compare, drop that again',
  destructive: false,
  steps: ['read back', BACKUP_STEPS.verify],
  keyOf: ({ backup_id: id }) => id,
};

/** Nothing to choose: the counts stand in the configuration. */
export type PruneBackupsParams = Record<string, never>;

export const PRUNE_BACKUPS: RunbookDefinition<PruneBackupsParams> = {
  title: 'Remove the backups that the retention no longer keeps',
  destructive: true,
  steps: [BACKUP_STEPS.retention],
  keyOf: () => 'backups',
};

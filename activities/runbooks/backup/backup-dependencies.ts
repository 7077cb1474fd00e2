/** What the steps of backups work with; the composition root of the maintenance worker provides it. */
import type { RetentionCounts } from '../../../core/backup/retention.js';
import type { ApplicationFiles, BackupArchive, DatabaseServer, DumpSource, WorkInHand } from '../../../core/ports/backups.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { PlanDependencies } from '../framework/planned.js';

export interface BackupDependencies extends PlanDependencies {
  archive: BackupArchive;
  server: DatabaseServer & DumpSource;
  files: ApplicationFiles;
  retention: RetentionCounts;
  /** that can open what is encrypted; empty: nothing is encrypted */
  recipients: readonly string[];
  /** of the program */
  version: string;
  /** tells Temporal that the work goes on, and the work when it is cancelled */
  underWay<T>(run: (work: WorkInHand) => Promise<T>): Promise<T>;
  logger: Logger;
}

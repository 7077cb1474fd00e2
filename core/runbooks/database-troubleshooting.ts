/** Finding out what ails the database, ending queries that run too long, restarting it. */
import type { RunbookDefinition } from './definition.js';

export interface DatabaseTroubleshootingParams {
  /** queries that run longer are ended; null: none is */
  terminate_over_minutes: number | null;
  /** also those of backups */
  include_backups: boolean;
  /** through the supervisor */
  restart: boolean;
}

export const DATABASE_STEPS = {
  diagnose: 'check connections and locks',
  terminate: 'terminate long-running queries',
  restart: 'restart the database',
  wait: 'wait until it answers',
  health: 'verify health',
} as const;

export const DATABASE_TROUBLESHOOTING: RunbookDefinition<DatabaseTroubleshootingParams> = {
  title: 'Database troubleshooting: connections, locks, long queries and pools; ends queries that run too long, restarts the database',
  destructive: true,
  steps: Object.values(DATABASE_STEPS),
  keyOf: () => 'database',
};

/**
 * The parameters of each runbook as they come from outside (HTTP, command line, a signal in the Temporal Web UI). The types stand
 * beside the definitions; the compiler compares both.
 */
import { z } from 'zod';
import { backupIdPattern } from '../backup/backup-id.js';
import { BACKUP_KINDS } from '../backup/manifest.js';
import { SNAPSHOT_KINDS } from '../snapshot/snapshot.js';
import { STOPPABLE } from '../emergency/emergency-order.js';
import { RESTARTABLE } from './graceful-restart.js';
import type { RunbookName, RunbookParams } from './runbook.js';

const haltId = z.string().regex(/^[\w.-]{1,64}$/);
const balance = z.string().regex(/^-?\d{1,20}(\.\d{1,18})?$/, 'must be an amount in USDT such as 10000.50').nullable().default(null);
/** Other forms mean other instants on other machines. */
const utcInstant = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/, 'must be a UTC day such as 2024-09-01, or an instant such as 2024-09-01T06:00:00Z');

const RUNBOOK_PARAMS: { readonly [N in RunbookName]: z.ZodObject & z.ZodType<RunbookParams[N]> } = {
  databaseTroubleshooting: z.strictObject({
    terminate_over_minutes: z.int().min(0).max(1_440).nullable().default(null).meta({ description: 'queries that run longer are ended, never those of the bot; null: none is' }),
    include_backups: z.boolean().default(false).meta({ description: 'true: also those of pg_dump and its kin' }),
    restart: z.boolean().default(false).meta({ description: 'true: restart PostgreSQL through the supervisor of the one-command stack' }),
  }),
  databaseRecovery: z.strictObject({
    backup_id: z.string().regex(backupIdPattern(), 'must be the id of a backup: npx bot backup list').nullable().default(null).meta({ description: 'of the backup to restore; null: the newest verified one' }),
  }),
  backup: z.strictObject({
    kind: z.enum(BACKUP_KINDS).default('manual').meta({ description: `why it is made: ${BACKUP_KINDS.join(', ')}` }),
    upload: z.boolean().default(true).meta({ description: 'false: it stays on this machine, although a storage is configured' }),
    pin: z.boolean().default(false).meta({ description: 'true: the retention never removes it' }),
    prune: z.boolean().default(false).meta({ description: 'true: afterwards remove what the retention no longer keeps; false: only tell it' }),
  }),
  emergencyShutdown: z.strictObject({
    close_positions: z.boolean().default(false).meta({ description: 'true: close everything with reduce-only market orders; false: positions stay open under their stops' }),
    stop_services: z.array(z.enum(STOPPABLE)).max(STOPPABLE.length).default([]).meta({ description: `services to stop afterwards: ${STOPPABLE.join(', ')}` }),
    halt_id: haltId.nullable().default(null).meta({ description: 'of the latch that is set already: 1 to 64 characters of A-Z, a-z, 0-9, _ . and -; null: a new one' }),
    asked_at_ms: z.int().min(0).nullable().default(null).meta({ description: 'host ms at which it was asked for; null: now' }),
    direct: z.strictObject({
      journal: z.string().max(200).nullable(),
      notified: z.array(z.string().max(40)).max(20),
      closings: z.strictObject({ symbols: z.array(z.string().max(40)).max(500), fromMs: z.number().min(0) }).nullable(),
    }).nullable().default(null).meta({ description: 'what was done without Temporal; null: nothing' }),
  }),
  gracefulRestart: z.strictObject({
    service: z.enum(RESTARTABLE).default('trading-worker').meta({ description: 'trading-worker, maintenance-worker, api, workers (both) or all' }),
  }),
  releaseEmergency: z.strictObject({
    halt_id: haltId.meta({ description: 'of the halt that is to end; GET /api/v1/emergency names it' }),
  }),
  reconcileBalance: z.strictObject({
    exchange_balance: balance.meta({ description: 'what-if: a balance seen at the exchange, USDT as decimal text such as 10000.50; goes with database_balance; null: none' }),
    database_balance: balance.meta({ description: 'what-if: the balance that the database gave instead, USDT; null: none' }),
  }),
  recoverTradeHistory: z.strictObject({
    start_date: utcInstant.meta({ description: 'a UTC day, from its beginning (2024-09-01), or an instant (2024-09-01T06:00:00Z)' }),
    end_date: utcInstant.meta({ description: 'a UTC day, to its end, or an instant' }),
    symbols: z.array(z.string().regex(/^[A-Z0-9]{2,20}$/, 'must be a symbol such as BTCUSDT')).max(50).default([]).meta({ description: 'at most 50; empty: every symbol that was traded' }),
  }),
  pruneBackups: z.strictObject({}),
  restoreState: z.strictObject({
    file: z.string().regex(/^[\w.-]{1,100}\.json$/, 'must be the name of a file in the folder state/').nullable().default(null).meta({ description: 'name of a snapshot in the folder state/ of the data directory; null: the newest' }),
    other_configuration: z.boolean().default(false).meta({ description: 'true: also when it was taken with another configuration than the bot decides with' }),
  }),
  saveState: z.strictObject({
    kind: z.enum(SNAPSHOT_KINDS).default('save').meta({ description: 'save: complete or refused; emergency: whatever can be had now' }),
  }),
  verifyBackup: z.strictObject({
    backup_id: z.string().regex(backupIdPattern(), 'give the id of a backup, as npx bot backup list prints it').meta({ description: 'id of the backup, as GET /api/v1/backups lists it' }),
  }),
};

/** Given by a function, since what a module of the workflow bundle exports is frozen there, and a schema completes itself in use. */
export function paramsSchema<N extends RunbookName>(name: N): (typeof RUNBOOK_PARAMS)[N] {
  return RUNBOOK_PARAMS[name];
}

/** True when it can be planned and run without naming any parameter. */
export function needsNoParams(name: RunbookName): boolean {
  return RUNBOOK_PARAMS[name].safeParse({}).success;
}

/** With the defaults filled in, or what is wrong. Nothing at all counts as no parameters. */
export function readParams<N extends RunbookName>(name: N, given: unknown): { params: RunbookParams[N] } | { problems: string[] } {
  const result = RUNBOOK_PARAMS[name].safeParse(given ?? {});
  if (result.success) return { params: result.data };
  return { problems: result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)) };
}

/**
 * Rebuilds every failure of PostgreSQL and its client as a `BotError`.
 *
 * Invariants
 * 1. Nothing of the foreign object travels on: `pg` errors can carry row values and URL errors the connection string.
 * 2. The message never contains the password, not even when the server's own words would.
 * 3. A lost connection during a write has outcome `unknown`; ledger writes are idempotent, so repeating one is safe.
 */
import { BotError, isBotError } from '../../core/errors/bot-error.js';

export interface FailedOperation {
  kind: 'connect' | 'read' | 'write';
  /** what was being done, as in "save 3 orders" */
  what: string;
  /** `host:port/database`, without user and password */
  where: string;
}

interface Failure {
  sqlState: string;
  errno: string;
  message: string;
  constraint: string;
}

const MESSAGE_MAX_LENGTH = 300;

/** SQLSTATE: XX001 data_corrupted, XX002 index_corrupted, 58P01 undefined_file (a relation's file is gone). */
const CORRUPTION_STATES = new Set(['XX001', 'XX002', '58P01']);
/** SQLSTATE classes 08 (connection), 57P (shutdown, crash, starting up), 53300 too_many_connections. */
const UNREACHABLE_STATE = /^(08|57P|53300)/;
/** SQLSTATE class 28 (authorisation) and 3D000 (no such database): waiting does not help. */
const REFUSED_STATE = /^(28|3D000)/;
/** The client's own words for a connection that is gone, or that never came about in time. */
const LOST_CONNECTION = /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout|Client was closed/i;
const NETWORK_ERRNO = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL|ENOENT|EACCES)/;

export function rebuildDatabaseError(error: unknown, operation: FailedOperation): BotError {
  if (isBotError(error)) return error;
  const failure = describe(error);
  if (CORRUPTION_STATES.has(failure.sqlState)) return corruption(failure, operation);
  if (REFUSED_STATE.test(failure.sqlState)) return refused(failure, operation);
  if (isUnreachable(failure)) return unreachable(failure, operation);
  if (operation.kind === 'write') return failedWrite(failure, operation);
  return failedRead(failure, operation);
}

/** True when the connection the error came from must not be used again. */
export function breaksConnection(error: unknown): boolean {
  const failure = describe(error);
  return isUnreachable(failure) || failure.sqlState === '';
}

function describe(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return { sqlState: '', errno: '', message: 'unknown failure', constraint: '' };
  const code = stringField(error, 'code');
  const sqlState = /^[0-9A-Z]{5}$/.test(code) && 'severity' in error ? code : '';
  return {
    sqlState,
    errno: sqlState === '' ? code : '',
    message: withoutCredentials(error.message).slice(0, MESSAGE_MAX_LENGTH),
    constraint: stringField(error, 'constraint'),
  };
}

function stringField(error: Error, name: string): string {
  const value: unknown = (error as unknown as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function withoutCredentials(message: string): string {
  return message.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1***@').replace(/(password\s*[=:]\s*)\S+/gi, '$1***');
}

function isUnreachable(failure: Failure): boolean {
  return UNREACHABLE_STATE.test(failure.sqlState) || NETWORK_ERRNO.test(failure.errno) || LOST_CONNECTION.test(failure.message);
}

function foreignCode(failure: Failure): { foreignCode?: string } {
  const code = failure.sqlState || failure.errno;
  return code === '' ? {} : { foreignCode: code };
}

function corruption(failure: Failure, { what, where }: FailedOperation): BotError {
  return new BotError(40003, `The database ${where} reports damaged data (could not ${what}): ${failure.message}`, {
    ...foreignCode(failure),
    fix: 'Stop writing, run the database recovery runbook (restore the newest verified backup, then fetch the gap from the exchange) and check the disk.',
  });
}

function refused(failure: Failure, { what, where }: FailedOperation): BotError {
  return new BotError(10003, `The database ${where} refused the login (could not ${what}): ${failure.message}`, {
    ...foreignCode(failure),
    fix: 'Check user, password and database name in DATABASE_URL.',
    retryable: false,
  });
}

function unreachable(failure: Failure, { kind, what, where }: FailedOperation): BotError {
  return new BotError(10003, `The database ${where} does not answer (could not ${what}), Connection failed: ${failure.message || failure.errno}`, {
    ...foreignCode(failure),
    fix: 'Check that PostgreSQL runs and that DATABASE_URL names its host and port; the bot reconnects by itself.',
    outcome: kind === 'write' ? 'unknown' : 'definite',
  });
}

function failedWrite(failure: Failure, { what, where }: FailedOperation): BotError {
  const constraint = failure.constraint === '' ? '' : ` (constraint ${failure.constraint})`;
  return new BotError(40008, `The database ${where} did not take the write (could not ${what}): ${failure.message}${constraint}`, {
    ...foreignCode(failure),
    ...adviceFor(failure.sqlState),
  });
}

function failedRead(failure: Failure, { what, where }: FailedOperation): BotError {
  return new BotError(10003, `The database ${where} could not answer (could not ${what}): ${failure.message}`, {
    ...foreignCode(failure),
    ...adviceFor(failure.sqlState),
  });
}

/** What to do next, and whether the same statement can succeed later on its own. */
function adviceFor(sqlState: string): { fix?: string; retryable: boolean } {
  if (sqlState === '42P01' || sqlState === '42703') return { fix: 'The schema is older than the program: apply the migrations.', retryable: false };
  if (sqlState === '53100') return { fix: 'The disk of the database is full: free space, then writing goes on by itself.', retryable: true };
  if (sqlState === '25006') return { fix: 'The database is read-only (a standby, or set so): point DATABASE_URL at the primary.', retryable: true };
  if (sqlState === '57014') return { fix: 'The statement hit its time-out: look for locks and slow disks.', retryable: true };
  if (/^(22|23|42)/.test(sqlState)) return { fix: 'The data does not fit the schema: this is a defect, report it with this message.', retryable: false };
  return { retryable: true };
}

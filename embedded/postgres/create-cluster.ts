/**
 * Makes a new database cluster: initdb, the trading role, its database, the extensions the maintenance runbooks use.
 *
 * Invariants
 * 1. A folder named `cluster` is complete. Everything is made in a folder of another name that is renamed last,
 *    so a start that dies half-way leaves nothing that looks like a database.
 * 2. Every database has the extensions, also one that a runbook makes for a restore (`EXTENSION_TEMPLATE`). The single-user server
 *    gives them object ids of the system's range, therefore pg_dump leaves them out and a dump can be restored without a superuser.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXTENSION_TEMPLATE } from '../../adapters/postgres/extension-template.js';
import { BotError } from '../../core/errors/bot-error.js';
import type { OnProgress } from '../progress.js';
import type { PostgresBinaries } from './inspect-binaries.js';
import type { ClusterHome } from './cluster-home.js';
import { SUPERUSER, TRADING_DATABASE, TRADING_ROLE, type Credentials } from './credentials.js';
import type { RunUser } from './run-user.js';
import { OPERATOR_FILE, SETTINGS_FILE } from './server-settings.js';

export interface CreateClusterOptions {
  home: ClusterHome;
  binaries: PostgresBinaries;
  credentials: Credentials;
  onProgress: OnProgress;
  /** writes `SETTINGS_FILE` into the folder */
  writeSettings(cluster: string): void;
}

const STEP_TIMEOUT_MS = 120_000;

export async function createCluster(options: CreateClusterOptions): Promise<void> {
  const { home, binaries, credentials } = options;
  const incoming = `${home.cluster}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  options.onProgress(`making a new PostgreSQL ${binaries.version} database`);
  await runStep({ command: join(binaries.binDirectory, 'initdb'), args: initdbArguments(incoming, credentials), user: home.user, statements: [] });
  appendFileSync(join(incoming, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\ninclude_if_exists '${OPERATOR_FILE}'\n`, { flush: true });
  options.writeSettings(incoming);
  await runStep({
    command: join(binaries.binDirectory, 'postgres'), args: ['--single', '-c', 'exit_on_error=on', '-D', incoming, 'template1'], user: home.user,
    statements: [...role(credentials), ...extensions(binaries), ...databases()],
  });
  renameSync(incoming, home.cluster);
}

/** True when the server can load `pg_stat_statements`, which the weekly maintenance reads. */
export function statisticsAvailable(binaries: PostgresBinaries): boolean {
  return canLoad(binaries, 'pg_stat_statements');
}

function canLoad({ binDirectory }: PostgresBinaries, library: string): boolean {
  const folders = ['../lib', '../lib/postgresql', '../lib64/pgsql'];
  return folders.some((folder) => ['so', 'dylib'].some((suffix) => existsSync(join(binDirectory, folder, `${library}.${suffix}`))));
}

function initdbArguments(directory: string, credentials: Credentials): string[] {
  return [
    '-D', directory, `--username=${SUPERUSER}`, `--pwfile=${credentials.superuserPasswordFile}`, '--auth=scram-sha-256',
    '--encoding=UTF8', '--locale=C', '--data-checksums',
  ];
}

/** The role may make databases, because a backup is proven by restoring it into a scratch one. */
function role({ tradingPassword }: Credentials): string[] {
  return [
    `create role ${TRADING_ROLE} login createdb password '${tradingPassword}'`,
    `grant pg_monitor, pg_signal_backend to ${TRADING_ROLE}`,
  ];
}

/** Into `template1`, which the databases below are copied from. */
function extensions(binaries: PostgresBinaries): string[] {
  const statistics = statisticsAvailable(binaries) ? ['create extension pg_stat_statements'] : [];
  if (!canLoad(binaries, 'amcheck')) return statistics;
  // What pg_amcheck calls; by default they are the superuser's alone (PostgreSQL, F.2 amcheck).
  const checks = ['bt_index_check(regclass, boolean)', 'verify_heapam(regclass, boolean, boolean, text, bigint, bigint)'];
  return [...statistics, 'create extension amcheck', ...checks.map((check) => `grant execute on function ${check} to ${TRADING_ROLE}`)];
}

function databases(): string[] {
  return [
    `create database ${TRADING_DATABASE} owner ${TRADING_ROLE}`,
    `create database ${EXTENSION_TEMPLATE} is_template true allow_connections false`,
  ];
}

interface Step {
  command: string;
  args: readonly string[];
  user: RunUser | undefined;
  /** go in by standard input, one a line: the password never stands on a command line */
  statements: readonly string[];
}

async function runStep({ command, args, user, statements }: Step): Promise<void> {
  const child = spawn(command, args, { ...user, cwd: '/', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, timeout: STEP_TIMEOUT_MS });
  let said = '';
  const hear = (chunk: Buffer): void => { said = (said + chunk.toString('utf8')).slice(-2_000); };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  // The program may end before it has read everything; its exit code and words say why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(statements.map((statement) => `${statement}\n`).join(''));
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? `code ${code ?? 'unknown'}`}`));
  });
  if (failure !== undefined) throw stepFailed(command, failure, said);
}

function stepFailed(command: string, failure: string, said: string): BotError {
  const reason = said.split('\n').filter((line) => /error|fatal|could not|no space/i.test(line)).join(' ').replace(/password '[^']*'/gi, "password '***'");
  return new BotError(10003, `A new database could not be made: ${command} ${failure}${reason === '' ? '' : `: ${reason.slice(0, 500)}`}`, {
    fix: 'Check free space and permissions of the data directory, or give DATABASE_URL.',
    retryable: false,
  });
}

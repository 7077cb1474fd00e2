/**
 * One PostgreSQL server for the whole test run, started by the first test file that asks for a database.
 *
 * Invariants
 * 1. A run that needs no database starts none.
 * 2. The server outlives the worker that started it and ends with the run; one that a killed run left is ended by the next run.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { withDatabase } from '../../adapters/postgres/database-url.js';
import { migrate } from '../../adapters/postgres/migrate.js';
import { tryLock } from '../../embedded/file-lock.js';
import { endLeftovers } from '../../embedded/postgres/leftovers.js';
import { preparePostgres } from '../../embedded/postgres/prepare.js';
import { waitForPostgres } from '../../embedded/postgres/wait.js';
import { silent } from '../../embedded/progress.js';
import { silentLogger } from './silent-logger.js';

export interface TestServer {
  /** holds the right to make databases, but is no superuser */
  databaseUrl: string;
  superuserUrl: string;
  binDirectory: string;
}

export const TEMPLATE_DATABASE = 'ledger_template';
const DIRECTORY_PREFIX = 'bot-postgres-';
const STATE_FILE = 'server.json';
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 25;
const SHARED_BUFFERS_MB = 64;

/** The run's own folder. The database's user must be able to enter it, also when the tests run as root. */
export function openRunDirectory(): { directory: string; release(): void } {
  const directory = mkdtempSync(join(tmpdir(), DIRECTORY_PREFIX));
  chmodSync(directory, 0o755);
  const lock = tryLock(join(directory, 'run.lock'));
  if (lock.kind === 'held') throw new Error(`a new folder is locked already: ${directory}`);
  return { directory, release: lock.release };
}

export async function ensureTestServer(directory: string): Promise<TestServer> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    if (existsSync(join(directory, STATE_FILE))) return JSON.parse(readFileSync(join(directory, STATE_FILE), 'utf8')) as TestServer;
    const lock = tryLock(join(directory, 'start.lock'));
    if (lock.kind === 'acquired') await startTestServer(directory).finally(lock.release);
    else await delay(POLL_MS);
  }
  throw new Error(`no PostgreSQL server within ${START_TIMEOUT_MS} ms in ${directory}`);
}

export async function endTestServer(directory: string): Promise<void> {
  await endLeftovers(join(directory, 'postgres', 'cluster'), silent);
  rmSync(directory, { recursive: true, force: true });
}

/** Ends the servers of runs that were killed before they could. */
export async function sweepDeadRuns(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(DIRECTORY_PREFIX))) {
    const directory = join(tmpdir(), name);
    if (!existsSync(join(directory, 'run.lock'))) continue;
    if (tryLock(join(directory, 'run.lock')).kind === 'acquired') await endTestServer(directory);
  }
}

async function startTestServer(directory: string): Promise<void> {
  if (existsSync(join(directory, STATE_FILE))) return;
  const prepared = await preparePostgres({
    dataDir: join(directory, 'postgres'), port: 0, env: process.env, sharedBuffersMb: SHARED_BUFFERS_MB, durable: false,
  });
  const { uid, gid } = prepared;
  const runAs = uid === undefined || gid === undefined ? {} : { uid, gid };
  spawn(prepared.command, prepared.args, { env: prepared.env, cwd: prepared.cwd, ...runAs, detached: true, stdio: 'ignore' }).unref();
  await waitForPostgres(prepared.databaseUrl, START_TIMEOUT_MS);
  await makeTemplate(prepared.databaseUrl);
  const { databaseUrl, superuserUrl, binDirectory } = prepared;
  writeFileSync(join(directory, 'incoming.json'), JSON.stringify({ databaseUrl, superuserUrl, binDirectory } satisfies TestServer), { mode: 0o600 });
  renameSync(join(directory, 'incoming.json'), join(directory, STATE_FILE));
}

async function makeTemplate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`create database ${TEMPLATE_DATABASE}`);
  await client.end();
  await migrate({ databaseUrl: withDatabase(databaseUrl, TEMPLATE_DATABASE), logger: silentLogger });
}

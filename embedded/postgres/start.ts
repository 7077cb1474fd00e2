/**
 * Starts the embedded PostgreSQL and stops it again, for callers that do not supervise it themselves.
 *
 * Invariants
 * 1. One server per data directory: a second start is refused while the first one's process lives.
 * 2. The server leads its own process group: Ctrl-C reaches the program, which stops it in order.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import { tryLock } from '../file-lock.js';
import { silent } from '../progress.js';
import { endLeftovers } from './leftovers.js';
import { preparePostgres, type PostgresOptions, type PreparedPostgres } from './prepare.js';
import { waitForPostgres } from './wait.js';

export interface EmbeddedPostgres {
  databaseUrl: string;
  superuserUrl: string;
  port: number;
  pid: number;
  /** where pg_dump and pg_restore of the same version are, when the installation has them */
  binDirectory: string;
  version: string;
  /** resolves when the server has ended, for whatever reason, and its data directory is free again */
  ended: Promise<void>;
  /** fast shutdown, then immediate shutdown; safe to call twice */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const FAST_SHUTDOWN_MS = 20_000;
const LAST_WORDS_MAX_LENGTH = 2_000;
const LAST_LINES = 20;

/** Rejects with 10003 and the server's own reason when it does not come up. */
export async function startEmbeddedPostgres(options: PostgresOptions & { logger: Logger }): Promise<EmbeddedPostgres> {
  const lock = tryLock(join(options.dataDir, 'server.lock'));
  if (lock.kind === 'held') throw alreadyRunning(options.dataDir, lock.owner);
  try {
    const prepared = await preparePostgres(options);
    const server = await startServer(prepared);
    options.logger.info('PostgreSQL serves', { version: prepared.version, port: prepared.port, pid: server.pid });
    return { ...server, ended: server.ended.then(lock.release) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startServer(prepared: PreparedPostgres): Promise<EmbeddedPostgres> {
  const { command, args, env, cwd, uid, gid } = prepared;
  const runAs = uid === undefined || gid === undefined ? {} : { uid, gid };
  const child = spawn(command, args, { env, cwd, ...runAs, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const lastWords = collectLastWords(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    await stopServer(child, ended);
    // Its log collector ends a moment after it; only then are the last words on disk and the folder quiet.
    await endLeftovers(prepared.cluster, silent);
  };
  const giveUp = new AbortController();
  const early = ended.then(async () => {
    await stop();
    throw diedAtStart(prepared, `${lastWords()}\n${loggedBy(child.pid, prepared.logs)}`);
  });
  try {
    await Promise.race([waitForPostgres(prepared.databaseUrl, START_TIMEOUT_MS, giveUp.signal), early]);
  } catch (error) {
    giveUp.abort();
    await stop();
    throw error;
  }
  const { databaseUrl, superuserUrl, port, binDirectory, version } = prepared;
  return { databaseUrl, superuserUrl, port, pid: child.pid ?? 0, binDirectory, version, ended, stop };
}

async function stopServer(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const impatience = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_MS);
  await ended.finally(() => clearTimeout(impatience));
}

function collectLastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => { words = (words + chunk.toString('utf8')).slice(-LAST_WORDS_MAX_LENGTH); });
  return () => words;
}

function diedAtStart(prepared: PreparedPostgres, words: string): BotError {
  const reason = /could not bind.*|FATAL:.*/.exec(words)?.[0] ?? 'no reason given';
  return new BotError(10003, `PostgreSQL ended while starting on port ${prepared.port}: ${reason}`, {
    fix: `Read the newest file in ${prepared.logs}; if the port is taken, choose another one (0 picks a free one).`,
    retryable: false,
  });
}

/** What this server process wrote into today's log: once its log collector runs, its words no longer go to standard error. */
function loggedBy(pid: number | undefined, directory: string): string {
  const files = readdirSync(directory).map((name) => join(directory, name));
  const newest = files.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  const lines = newest === undefined ? [] : readFileSync(newest, 'utf8').split('\n');
  return lines.filter((line) => line.includes(` [${pid ?? 'none'}] `)).slice(-LAST_LINES).join('\n');
}

function alreadyRunning(dataDir: string, owner: { pid: number; since: string }): BotError {
  return new BotError(10003, `A database server of process ${owner.pid} runs on ${dataDir} since ${owner.since}`, {
    fix: `Stop process ${owner.pid} first, or choose another data directory.`,
    retryable: false,
  });
}

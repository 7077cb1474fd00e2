/**
 * Runs a client program against a database. The password travels in the environment of the child, never on its command line; there is
 * no shell; an aborted work kills the child.
 */
import { constants } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { BotError } from '../../../core/errors/bot-error.js';
import type { WorkInHand } from '../../../core/ports/backups.js';
import type { ClientProgram, ClientPrograms } from './client-programs.js';

export interface ProgramRun {
  programs: ClientPrograms;
  program: ClientProgram;
  args: readonly string[];
  databaseUrl: string;
  work: WorkInHand;
}

const SHOWN = 400;
const OUTPUT_KEPT = 64 * 1_024;
const KILL_AFTER_MS = 5_000;

/** Rejects with 10006 (disk full), 10003 (server away, not allowed), 40003 (damaged data); with the signal's reason when aborted. */
export async function runProgram({ programs, program, args, databaseUrl, work }: ProgramRun): Promise<void> {
  work.signal.throwIfAborted();
  work.progress(`${program} is at work`);
  const result = await execa(join(programs.directory, program), args, {
    // pg_amcheck tells on its standard output what it has found
    env: connectionEnvironment(databaseUrl), extendEnv: false, stdin: 'ignore', stdout: program === 'pg_amcheck' ? 'pipe' : 'ignore', stderr: 'pipe', maxBuffer: OUTPUT_KEPT,
    reject: false, cancelSignal: work.signal, forceKillAfterDelay: KILL_AFTER_MS,
  });
  work.signal.throwIfAborted();
  const said = [result.stderr, result.stdout ?? ''].join('\n').trim();
  // Silence of a program that worked is part of its promise: a warning of pg_dump means something is not in the dump.
  if (result.exitCode !== 0 || (program === 'pg_dump' && said !== '')) throw failureOf(program, { code: result.exitCode ?? constants.errno.EIO, said });
}

/** What libpq needs of a connection string, and nothing else of this process. */
export function connectionEnvironment(databaseUrl: string): NodeJS.ProcessEnv {
  const url = new URL(databaseUrl);
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[(.*)\]$/, '$1');
  const sslMode = url.searchParams.get('sslmode');
  return {
    PGHOST: host === '' ? 'localhost' : host,
    PGPORT: url.port === '' ? '5432' : url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGAPPNAME: 'bybit-temporal-bot backup',
    PGCONNECT_TIMEOUT: '10',
    ...(sslMode === null ? {} : { PGSSLMODE: sslMode }),
    // What they say is judged by what it says, so it has to be in one language.
    LC_ALL: 'C', TZ: 'UTC',
  };
}

const DAMAGED = /invalid page|could not read block|missing chunk|unexpected chunk|data.*corrupt|did not find magic string|could not uncompress|could not read from input|unexpected end of file|could not find header|corrupt|input file (is too short|does not appear)|checksum/i;
const UNREACHABLE = /connection to server|no connection to the server|could not (connect|receive data|send data)|server closed the connection|terminating connection|the database system is|connection (not open|has been closed)|FATAL:|PANIC:/i;
/** What a server says that has too much to do. */
const PASSING = /out of (shared )?memory|canceling statement|too many (clients|connections)/i;
/** Exit code of pg_amcheck (src/bin/pg_amcheck/pg_amcheck.c): a check was not passed; 1 is any other failure. */
const NOT_PASSED = 2;

function failureOf(program: ClientProgram, { code, said: all }: { code: number; said: string }): BotError {
  const said = all.replace(/\s+/g, ' ').slice(0, SHOWN) || `it ended with ${code}`;
  const foreignCode = String(code);
  if (/no space left|disk full|could not (write|extend).*space/i.test(all)) return new BotError(10006, `${program}: the disk is full: ${said}`, { foreignCode, retryable: false, fix: 'Free space where the message says, or lower the retention counts, then run it again.' });
  if (/permission denied|row-level security/i.test(all)) return new BotError(10003, `${program} is not allowed to read everything: ${said}`, { foreignCode, retryable: false, fix: 'Give the role of DATABASE_URL the right to read every table (it owns them in a stack that the bot set up).' });
  if (/server version mismatch/i.test(all)) return new BotError(10003, `${program} is older than the server: ${said}`, { foreignCode, retryable: false, fix: 'Install the client programs of the server\'s version.' });
  if (UNREACHABLE.test(all)) return new BotError(10003, `${program} lost the database: ${said}`, { foreignCode, fix: 'Check that PostgreSQL runs; it is tried again.' });
  if (provesDamage(program, { code, all })) return new BotError(40003, `${program} found damaged data: ${said}`, { foreignCode });
  return new BotError(10003, `${program} failed: ${said}`, { foreignCode });
}

/** A backup that is called damaged counts no more, so a program that merely failed, as when its server dies, proves nothing. */
function provesDamage(program: ClientProgram, { code, all }: { code: number; all: string }): boolean {
  if (program === 'pg_amcheck') return code === NOT_PASSED;
  return DAMAGED.test(all) || (program === 'pg_restore' && /\berror:/i.test(all) && !PASSING.test(all));
}

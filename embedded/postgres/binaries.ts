/**
 * Finds PostgreSQL's server programs: those of the system first, newest major first, then those that came by npm.
 *
 * Invariants
 * 1. Only programs that were seen to run, as the user that will run them, are offered.
 * 2. A cluster is only ever opened by its own major version.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BotError } from '../../core/errors/bot-error.js';
import type { OnProgress } from '../progress.js';
import { inspect, type PostgresBinaries } from './inspect-binaries.js';
import { npmBinDirectory } from './npm-binaries.js';
import type { RunUser } from './run-user.js';

export interface BinarySearch {
  env: NodeJS.ProcessEnv;
  user: RunUser | undefined;
  /** the major that a cluster needs; undefined: the newest that is found */
  major: number | undefined;
  /** folders searched before npm; default: those of the system */
  systemDirectories?: readonly string[];
  onProgress: OnProgress;
}

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 10_000;
/** Older ones lack features that the ledger's statements and the settings use. */
const OLDEST_MAJOR = 13;

export async function findPostgres(search: BinarySearch): Promise<PostgresBinaries> {
  const seen: string[] = [];
  for (const directory of search.systemDirectories ?? (await systemDirectories(search.env))) {
    const binaries = await inspect(directory, search.user);
    if (binaries !== undefined && suits(binaries, search)) return binaries;
    if (binaries !== undefined) seen.push(`${binaries.version} in ${directory}`);
  }
  const directory = await npmBinDirectory(search);
  const binaries = directory === undefined ? undefined : await inspect(directory, search.user);
  if (binaries !== undefined && suits(binaries, search)) return binaries;
  if (binaries !== undefined) seen.push(`${binaries.version} from npm`);
  throw notFound(search.major, seen);
}

function suits(binaries: PostgresBinaries, { major }: BinarySearch): boolean {
  return major === undefined ? binaries.major >= OLDEST_MAJOR : binaries.major === major;
}

async function systemDirectories(env: NodeJS.ProcessEnv): Promise<string[]> {
  const versioned = [
    ...children('/usr/lib/postgresql', 'bin'),
    ...children('/usr', 'bin', /^pgsql-/),
    ...children('/opt/homebrew/opt', 'bin', /^postgresql/),
    ...children('/usr/local/opt', 'bin', /^postgresql/),
    ...children('/usr/libexec', '.', /^postgresql/),
  ];
  return [...new Set([...(await fromPgConfig(env)), ...versioned, '/usr/local/bin', '/usr/bin'])];
}

async function fromPgConfig(env: NodeJS.ProcessEnv): Promise<string[]> {
  try {
    const { stdout } = await run('pg_config', ['--bindir'], { env, timeout: PROBE_TIMEOUT_MS });
    return [stdout.trim()];
  } catch {
    return []; // not installed, which is common
  }
}

/** `<parent>/<child>/<inner>` for every matching child, the highest version number first. */
function children(parent: string, inner: string, pattern = /^\d+$/): string[] {
  if (!existsSync(parent)) return [];
  const number = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);
  return readdirSync(parent).filter((name) => pattern.test(name)).sort((a, b) => number(b) - number(a)).map((name) => join(parent, name, inner));
}

function notFound(major: number | undefined, seen: readonly string[]): BotError {
  const wanted = major === undefined ? `PostgreSQL ${OLDEST_MAJOR} or newer` : `PostgreSQL ${major}, which made the existing database`;
  const found = seen.length === 0 ? 'no server programs were found' : `found only ${seen.join(', ')}`;
  const debian = major === undefined ? 'postgresql' : `postgresql-${major}`;
  const brew = major === undefined ? 'postgresql@17' : `postgresql@${major}`;
  return new BotError(10003, `${wanted} is needed, but ${found}`, {
    fix: `Install it (Debian, Ubuntu: apt-get install ${debian} · Fedora: dnf install postgresql-server · macOS: brew install ${brew} · anywhere: npm ci without --omit=optional), or give DATABASE_URL.`,
    retryable: false,
  });
}

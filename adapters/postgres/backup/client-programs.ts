/**
 * Finds PostgreSQL's client programs (pg_dump and its like): the configured folder, then PATH, then the folders where systems put
 * them, newest first. A client reads servers of its own major and older ones, never newer ones. They run as any user, root too.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { execa } from 'execa';
import { BotError } from '../../../core/errors/bot-error.js';

const REQUIRED = ['pg_dump', 'pg_restore', 'pg_dumpall'] as const;
export type ClientProgram = (typeof REQUIRED)[number] | 'pg_amcheck';

export interface ClientPrograms {
  directory: string;
  /** as in 15.14 */
  version: string;
  major: number;
}

export interface ProgramSearch {
  /** of the server that is to be dumped */
  serverMajor: number;
  /** from the configuration; undefined: searched for */
  directory: string | undefined;
  /** PATH of this process */
  path: string;
}

const PROBE_TIMEOUT_MS = 10_000;

export async function findClientPrograms({ serverMajor, directory, path }: ProgramSearch): Promise<ClientPrograms> {
  const seen: string[] = [];
  for (const candidate of directory === undefined ? usualFolders(path) : [directory]) {
    const programs = await inspect(candidate);
    if (programs !== undefined && programs.major >= serverMajor) return programs;
    if (programs !== undefined) seen.push(`${programs.version} in ${candidate}`);
  }
  throw notFound(serverMajor, { seen, directory });
}

export function hasProgram({ directory }: ClientPrograms, program: ClientProgram): boolean {
  return existsSync(join(directory, program));
}

export function toolsOf({ version }: ClientPrograms): string {
  return `pg_dump ${version}`;
}

function usualFolders(path: string): string[] {
  return [...new Set([
    ...path.split(delimiter).filter((folder) => folder !== ''),
    ...children('/usr/lib/postgresql', /^\d+$/),
    ...children('/usr', /^pgsql-/),
    ...children('/opt/homebrew/opt', /^(postgresql|libpq)/),
    ...children('/usr/local/opt', /^(postgresql|libpq)/),
    '/usr/local/bin', '/usr/bin',
  ])];
}

/** `<parent>/<child>/bin` for every matching child, the highest number first. */
function children(parent: string, pattern: RegExp): string[] {
  if (!existsSync(parent)) return [];
  const number = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);
  return readdirSync(parent).filter((name) => pattern.test(name)).sort((a, b) => number(b) - number(a)).map((name) => join(parent, name, 'bin'));
}

async function inspect(directory: string): Promise<ClientPrograms | undefined> {
  if (!REQUIRED.every((program) => existsSync(join(directory, program))) || isWrapped(directory)) return undefined;
  const { stdout, exitCode } = await execa(join(directory, 'pg_dump'), ['--version'], { reject: false, timeout: PROBE_TIMEOUT_MS, stdin: 'ignore' });
  const version = /\(PostgreSQL\) (\d+)(\S*)/.exec(stdout);
  // Built for another system, or a library is missing: not usable, which is the answer.
  return exitCode !== 0 || version === null ? undefined : { directory, version: `${version[1]}${version[2]}`, major: Number(version[1]) };
}

/** Debian's /usr/bin holds a script that chooses a version by clusters of its own; the programs themselves are searched for. */
function isWrapped(directory: string): boolean {
  return basename(realpathSync(join(directory, 'pg_dump'))) === 'pg_wrapper';
}

function notFound(major: number, { seen, directory }: { seen: readonly string[]; directory: string | undefined }): BotError {
  const where = directory === undefined ? '' : ` in ${directory} (backup.postgres_programs)`;
  const found = seen.length === 0 ? 'none were found' : `found only ${seen.join(', ')}`;
  return new BotError(10003, `PostgreSQL's client programs (${REQUIRED.join(', ')}) of version ${major} or newer are needed, but ${found}${where}`, {
    fix: `Install them (Debian, Ubuntu: apt-get install postgresql-client-${major} · Fedora: dnf install postgresql · macOS: brew install libpq · Windows: the installer of postgresql.org), or name their folder in backup.postgres_programs.`,
    retryable: false,
  });
}

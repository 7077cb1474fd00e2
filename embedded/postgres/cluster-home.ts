/**
 * Where the database's files are.
 *
 * They belong in the data directory. When we are root, PostgreSQL runs as another user, and that user may be unable to
 * enter the data directory (below /root, for example). Then the files live in a system-wide place, and a note in the
 * data directory says where: the note, not the rule, decides at the next start.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import { canEnter, chooseRunUser, type RunUser } from './run-user.js';

export const SYSTEM_WIDE_HOME = '/var/lib/bybit-temporal-bot';
const NOTE = 'LOCATION';

export interface ClusterHome {
  directory: string;
  /** PostgreSQL's own data directory */
  cluster: string;
  logs: string;
  sockets: string;
  /** undefined: as ourselves */
  user: RunUser | undefined;
}

/** Makes the folders. `dataDirectory` is the folder given to the database, created when missing. */
export function openClusterHome(dataDirectory: string): ClusterHome {
  const wanted = resolve(dataDirectory);
  mkdirSync(wanted, { recursive: true });
  const note = join(wanted, NOTE);
  const noted = existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined;
  const home = describeHome(noted ?? wanted);
  mkdirSync(home.directory, { recursive: true });
  if (canEnter(home.user, dirname(home.directory))) return withFolders(home);
  if (noted !== undefined || home.directory !== wanted) throw notEnterable(home.directory);
  writeFileSync(note, `${systemWidePlace(wanted)}\n`, { flush: true });
  return openClusterHome(wanted);
}

function describeHome(directory: string): ClusterHome {
  const cluster = join(directory, 'cluster');
  return { directory, cluster, logs: join(directory, 'logs'), sockets: join(directory, 'sockets'), user: chooseRunUser(cluster) };
}

function withFolders(home: ClusterHome): ClusterHome {
  for (const folder of [home.directory, home.logs, home.sockets]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lend(folder, home.user);
  }
  return home;
}

function lend(path: string, user: RunUser | undefined): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

function systemWidePlace(wanted: string): string {
  return join(SYSTEM_WIDE_HOME, `postgres-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
}

function notEnterable(directory: string): BotError {
  return new BotError(10003, `The database's user may not enter ${directory}`, {
    fix: `Allow it (chmod o+x on ${directory} and each folder above it), choose another place with --data-dir, start as another user than root, or give DATABASE_URL.`,
    retryable: false,
  });
}

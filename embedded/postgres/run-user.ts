/**
 * The operating system user the database runs as. PostgreSQL refuses to run as root, so root lends it another user.
 *
 * Invariant: a cluster that exists is always run by the user that owns it; nobody else may open its files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { BotError } from '../../core/errors/bot-error.js';

export interface RunUser {
  uid: number;
  gid: number;
}

const LOOKUP_TIMEOUT_MS = 5_000;
/** The distribution's database user first; `nobody` exists everywhere. */
const CANDIDATES = ['postgres', 'nobody'];

/** Undefined: run as ourselves. `cluster` is the cluster's directory, which need not exist yet. */
export function chooseRunUser(cluster: string): RunUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const user = lookUp(name);
    if (user !== undefined) return user;
  }
  throw new BotError(10003, 'PostgreSQL does not run as root, and this system has neither a user postgres nor nobody', {
    fix: 'Create a user (useradd --system postgres), start as another user than root, or give DATABASE_URL.',
    retryable: false,
  });
}

/** Asks the system itself, so that access lists, mount options and parent directories all count. */
export function canEnter(user: RunUser | undefined, directory: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...user, cwd: '/', stdio: 'ignore', timeout: LOOKUP_TIMEOUT_MS });
  return probe.status === 0;
}

function lookUp(name: string): RunUser | undefined {
  const ask = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe', timeout: LOOKUP_TIMEOUT_MS }).trim());
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    // `id` leaves with code 1 when there is no such user: that is the answer.
    return undefined;
  }
}

/**
 * The passwords of the embedded database: generated once, kept in files only the database's user (and root) can read.
 *
 * Invariants
 * 1. They are written before the cluster that uses them exists, so no cluster is ever without its passwords.
 * 2. Files that are lost while the stack runs get the passwords back that its processes are connected with.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { ClusterHome } from './cluster-home.js';

/** Names of the maintenance guide. */
export const TRADING_ROLE = 'trading_user';
export const TRADING_DATABASE = 'trading_bot_prod';
export const SUPERUSER = 'postgres';

/** As an earlier start of the same stack had them; never logged. */
export interface KnownPasswords {
  superuser: string;
  trading: string;
}

export interface Credentials {
  superuserPassword: string;
  tradingPassword: string;
  superuserPasswordFile: string;
}

const PASSWORD_BYTES = 24;

export function openCredentials(home: ClusterHome, known?: KnownPasswords): Credentials {
  const superuserPasswordFile = join(home.directory, `${SUPERUSER}.password`);
  return {
    superuserPassword: openPassword(superuserPasswordFile, home, known?.superuser),
    tradingPassword: openPassword(join(home.directory, `${TRADING_ROLE}.password`), home, known?.trading),
    superuserPasswordFile,
  };
}

function openPassword(file: string, home: ClusterHome, known: string | undefined): string {
  if (!existsSync(file)) {
    if (known === undefined && existsSync(home.cluster)) throw lost(file);
    writeFileSync(file, `${known ?? randomBytes(PASSWORD_BYTES).toString('hex')}\n`, { mode: 0o600, flush: true });
    if (home.user !== undefined) chownSync(file, home.user.uid, home.user.gid);
  }
  const password = readFileSync(file, 'utf8').trim();
  if (password === '') throw lost(file);
  return password;
}

function lost(file: string): BotError {
  return new BotError(10003, `The database exists but its password file ${file} is missing or empty`, {
    fix: 'Restore the file from a backup of the data directory, or start on another data directory and restore a database backup there.',
    retryable: false,
  });
}

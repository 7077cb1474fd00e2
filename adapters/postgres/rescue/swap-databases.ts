/**
 * Puts a restored database in the place of the live one.
 *
 * Invariants
 * 1. Both renames are one transaction: whenever it is broken off, the live name is borne by the one or the other.
 * 2. Nobody gets into the live database from the moment its sessions are ended until it has its new name.
 * 3. Repeating it after it was done changes nothing, but lets sessions into the kept one again, so that it can be read.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { BotError } from '../../../core/errors/bot-error.js';
import type { DatabaseSwap } from '../../../core/ports/database-rescue.js';

/** How long sessions may take to end after they were told to. */
const SESSIONS_LEAVE_MS_MAX = 20_000;
const TRY_EVERY_MS = 50;
/** SQLSTATE object_in_use: "database is being accessed by other users" */
const IN_USE = '55006';

/** `client` is connected to neither of them. */
export async function swapDatabases(client: pg.Client, names: DatabaseSwap): Promise<{ kind: 'swapped' | 'already'; endedSessions: number }> {
  const { live, restored, kept } = names;
  const there = await existing(client, [live, restored, kept]);
  if (!there.has(restored)) {
    if (!there.has(live)) throw new BotError(10003, `the server has neither the database ${restored} nor ${live}`, { retryable: false, fix: 'start the recovery again: npx bot restore' });
    if (there.has(kept)) await admit(client, kept);
    return { kind: 'already', endedSessions: 0 };
  }
  if (!there.has(live)) {
    await client.query(`alter database ${quoted(restored)} rename to ${quoted(live)}`);
    return { kind: 'swapped', endedSessions: 0 };
  }
  await client.query(`alter database ${quoted(live)} with allow_connections false`);
  const endedSessions = await renameBoth(client, names);
  await admit(client, kept);
  return { kind: 'swapped', endedSessions };
}

export async function admit(client: pg.Client, name: string): Promise<void> {
  await client.query(`alter database ${quoted(name)} with allow_connections true`);
}

async function renameBoth(client: pg.Client, names: DatabaseSwap): Promise<number> {
  let ended = 0;
  for (const deadlineMs = performance.now() + SESSIONS_LEAVE_MS_MAX; ; await delay(TRY_EVERY_MS)) {
    ended += await endSessions(client, [names.live, names.restored]);
    if (await renamed(client, names, performance.now() > deadlineMs)) return ended;
  }
}

/** False while a session is still leaving. */
async function renamed(client: pg.Client, { live, restored, kept }: DatabaseSwap, isLast: boolean): Promise<boolean> {
  try {
    await client.query('begin');
    await client.query(`alter database ${quoted(live)} rename to ${quoted(kept)}`);
    await client.query(`alter database ${quoted(restored)} rename to ${quoted(live)}`);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback');
    if (isLast || !(error instanceof pg.DatabaseError) || error.code !== IN_USE) throw error;
    return false;
  }
}

async function existing(client: pg.Client, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>('select datname as name from pg_database where datname = any($1)', [names]);
  return new Set(rows.map(({ name }) => name));
}

async function endSessions(client: pg.Client, names: readonly string[]): Promise<number> {
  const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = any($1) and pid <> pg_backend_pid()', [names]);
  return rowCount ?? 0;
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

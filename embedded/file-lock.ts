/**
 * A lock file that names its owner, so that a refusal can say who holds it and since when.
 *
 * Invariants
 * 1. The file appears with its content in one step (link of a finished file), so nobody reads half a lock.
 * 2. A lock whose owner is gone (pid and start time no longer agree) is taken over; a living owner's never is.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { identifyProcess, isSameProcess } from './process-identity.js';

const TAKEOVER_ATTEMPTS = 20;

const ownerSchema = z.object({ pid: z.number().int(), startTime: z.string(), since: z.string(), token: z.string() });
export type LockOwner = z.infer<typeof ownerSchema>;

export type LockAttempt = { kind: 'acquired'; release: () => void } | { kind: 'held'; owner: LockOwner };

/** Takes the lock, or tells who holds it. Never waits. */
export function tryLock(path: string): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const own = describeSelf();
  for (let attempt = 0; attempt < TAKEOVER_ATTEMPTS; attempt += 1) {
    if (linkFinished(path, own)) return { kind: 'acquired', release: () => releaseOwn(path, own) };
    const owner = readOwner(path);
    if (owner !== undefined && isSameProcess(owner)) return { kind: 'held', owner };
    removeStale(path, owner);
  }
  return { kind: 'held', owner: readOwner(path) ?? own };
}

/** Who holds the lock at this moment; undefined when nobody alive does. Changes nothing. */
export function lockOwner(path: string): LockOwner | undefined {
  const owner = readOwner(path);
  return owner !== undefined && isSameProcess(owner) ? owner : undefined;
}

function describeSelf(): LockOwner {
  const startTime = identifyProcess(process.pid)?.startTime ?? 'unknown';
  return { pid: process.pid, startTime, since: new Date().toISOString(), token: randomUUID() };
}

function linkFinished(path: string, own: LockOwner): boolean {
  const finished = `${path}.${own.token}`;
  writeFileSync(finished, JSON.stringify(own));
  try {
    linkSync(finished, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(finished, { force: true });
  }
}

function readOwner(path: string): LockOwner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Gone in the meantime, or not a lock of ours: nobody alive owns it.
    return undefined;
  }
}

/** Renames first: of two that found the same stale lock only one gets it, and a lock that is not the stale one goes back. */
function removeStale(path: string, stale: LockOwner | undefined): void {
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another process was faster; the caller looks again
  }
  if (readOwner(aside)?.token !== stale?.token) restore(aside, path);
  rmSync(aside, { force: true });
}

function restore(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch {
    // A third process owns the path now; its lock stands, and the one moved aside finds out at its next start.
  }
}

function releaseOwn(path: string, own: LockOwner): void {
  if (readOwner(path)?.token === own.token) rmSync(path, { force: true });
}

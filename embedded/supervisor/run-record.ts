/**
 * A note per running child on disk, so that the next start can end what a killed supervisor left behind.
 *
 * Invariant: a process is only ended when pid, start time and command line all agree with the note; a pid that now
 * belongs to somebody else is left alone.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import { identifyProcess } from '../process-identity.js';
import type { OnProgress } from '../progress.js';

const SUFFIX = '.json';
const GRACE_MS = 5_000;
const KILL_WAIT_MS = 10_000;
const POLL_MS = 50;

const recordSchema = z.object({ pid: z.number().int().positive(), startTime: z.string(), command: z.string(), stopSignal: z.enum(['SIGTERM', 'SIGINT']) });

export interface LeftOver {
  name: string;
  pid: number;
  stopSignal: NodeJS.Signals;
  file: string;
}

/** Notes the process under the part's name; a process that is gone already leaves no note. */
export function recordProcess(runDirectory: string, name: string, process: { pid: number; stopSignal: NodeJS.Signals }): void {
  const identity = identifyProcess(process.pid);
  if (identity === undefined) return;
  mkdirSync(runDirectory, { recursive: true });
  const path = join(runDirectory, `${name}${SUFFIX}`);
  writeFileSync(`${path}.incoming`, JSON.stringify({ ...identity, stopSignal: process.stopSignal }));
  renameSync(`${path}.incoming`, path);
}

export function forgetProcess(runDirectory: string, name: string): void {
  rmSync(join(runDirectory, `${name}${SUFFIX}`), { force: true });
}

/** Processes of an earlier supervisor that still run. Changes nothing. */
export function findLeftOvers(runDirectory: string): LeftOver[] {
  return recordFiles(runDirectory).flatMap((file) => {
    const recorded = readRecord(file);
    if (recorded === undefined) return [];
    const living = identifyProcess(recorded.pid);
    const same = living?.startTime === recorded.startTime && living.command === recorded.command;
    return same ? [{ name: basename(file, SUFFIX), pid: recorded.pid, stopSignal: recorded.stopSignal, file }] : [];
  });
}

/** Ends left-overs: politely first, then by SIGKILL. Rejects with 10006 when one cannot be ended. */
export async function endLeftOvers(runDirectory: string, onProgress: OnProgress): Promise<void> {
  await Promise.all(findLeftOvers(runDirectory).map((leftOver) => endLeftOver(leftOver, onProgress)));
  for (const file of recordFiles(runDirectory)) rmSync(file, { force: true });
}

async function endLeftOver(leftOver: LeftOver, onProgress: OnProgress): Promise<void> {
  onProgress(`ending ${leftOver.name} (pid ${leftOver.pid}), left over from an earlier run`);
  if (await ends(leftOver, leftOver.stopSignal, GRACE_MS)) return;
  if (await ends(leftOver, 'SIGKILL', KILL_WAIT_MS)) return;
  throw new BotError(10006, `${leftOver.name} of an earlier run (pid ${leftOver.pid}) cannot be ended`, { fix: `End process ${leftOver.pid} and start again` });
}

async function ends(leftOver: LeftOver, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const before = identifyProcess(leftOver.pid)?.startTime;
  if (before === undefined) return true;
  try {
    process.kill(leftOver.pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
    if (identifyProcess(leftOver.pid)?.startTime !== before) return true;
    await delay(POLL_MS);
  }
  return false;
}

function recordFiles(runDirectory: string): string[] {
  try {
    return readdirSync(runDirectory).filter((name) => name.endsWith(SUFFIX)).map((name) => join(runDirectory, name));
  } catch {
    return []; // no such folder: nothing ever ran here
  }
}

function readRecord(file: string): z.output<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // unreadable: it proves nothing about any process, so none is touched
  }
}

/**
 * Clears what an earlier run left on a cluster, so that a new server can open it.
 *
 * A postmaster that was killed leaves its pid file and, for a moment, backends that still hold the shared memory; a new
 * server refuses until they are gone. After a reboot or in a new container the pid in the file can belong to somebody else.
 *
 * Invariants
 * 1. A process is ended only when its working directory is this very cluster (elsewhere than Linux: when its command line
 *    names the cluster): a pid alone proves nothing.
 * 2. The pid file is removed only after every process on the cluster is gone.
 * The caller holds the lock of the data directory: a server found here is a left-over, not somebody's running server.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BotError } from '../../core/errors/bot-error.js';
import { identifyProcess } from '../process-identity.js';
import type { OnProgress } from '../progress.js';

const POLL_MS = 20;
const FAST_SHUTDOWN_MS = 20_000;
/** Backends of a killed postmaster notice its death by themselves when idle; one in a long statement is then ended, its transaction with it. */
const ORPHANS_LEAVE_MS = 1_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

export async function endLeftovers(cluster: string, onProgress: OnProgress): Promise<void> {
  if (!existsSync(cluster)) return;
  const pidFile = join(cluster, 'postmaster.pid');
  const recorded = readPid(pidFile);
  const running = processesOf(cluster, recorded);
  if (recorded !== undefined && running.includes(recorded)) {
    onProgress(`stopping the PostgreSQL server ${recorded} of an earlier run`);
    signal([recorded], 'SIGINT');
    await waitUntilGone(cluster, recorded, FAST_SHUTDOWN_MS);
  } else if (running.length > 0) {
    onProgress('waiting for the last processes of a killed PostgreSQL server');
    await waitUntilGone(cluster, recorded, ORPHANS_LEAVE_MS);
  }
  await endByForce(cluster, recorded);
  rmSync(pidFile, { force: true });
}

async function endByForce(cluster: string, recorded: number | undefined): Promise<void> {
  for (const force of ['SIGQUIT', 'SIGKILL'] as const) {
    const left = processesOf(cluster, recorded);
    if (left.length === 0) return;
    signal(left, force);
    await waitUntilGone(cluster, recorded, IMMEDIATE_SHUTDOWN_MS);
  }
  const left = processesOf(cluster, recorded);
  if (left.length === 0) return;
  throw new BotError(10003, `Processes of an earlier PostgreSQL server do not end: ${left.join(', ')}`, {
    fix: `End them (kill -9 ${left.join(' ')}); if they hang in disk access, check the disk.`,
  });
}

async function waitUntilGone(cluster: string, recorded: number | undefined, limitMs: number): Promise<void> {
  const deadlineMs = performance.now() + limitMs;
  while (processesOf(cluster, recorded).length > 0 && performance.now() < deadlineMs) await delay(POLL_MS);
}

function readPid(pidFile: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

function processesOf(cluster: string, recorded: number | undefined): number[] {
  if (process.platform === 'linux') return processesWorkingIn(realpathSync(cluster));
  const named = recorded !== undefined && identifyProcess(recorded)?.command.includes(cluster) === true;
  return named ? [recorded] : [];
}

function processesWorkingIn(directory: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => pid !== process.pid && workingDirectory(pid) === directory);
}

function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // gone meanwhile, or another user's: not a process we could have left
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      // ESRCH: it ended by itself meanwhile, which is what is wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw cannotSignal(pid);
    }
  }
}

function cannotSignal(pid: number): BotError {
  return new BotError(10003, `The PostgreSQL server ${pid} of an earlier run belongs to another user and cannot be stopped`, {
    fix: `Stop it as its user or as root (kill -INT ${pid}), or start as that user.`,
    retryable: false,
  });
}

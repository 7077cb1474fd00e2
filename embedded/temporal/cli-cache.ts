/**
 * Where a downloaded or built Temporal server is kept: outside the repository, one folder per CLI release, shared by
 * start and test.
 *
 * Invariant: the cached path only ever holds a complete binary; it arrives by rename within the same file system.
 */
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BotError } from '../../core/errors/bot-error.js';
import { tryLock } from '../file-lock.js';
import type { OnProgress } from '../progress.js';
import { PINNED_CLI_VERSION } from './server-version.js';

const LOCK_WAIT_LIMIT_MS = 20 * 60_000;
const LOCK_POLL_MS = 250;
const LOCK_REPORT_MS = 5_000;

export interface CliCache {
  /** folder of this release */
  directory: string;
  binaryPath: string;
}

/** Follows the XDG base directory specification; on macOS and Windows the same folder under the home directory. */
export function cliCache(env: NodeJS.ProcessEnv): CliCache {
  const base = env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache');
  const directory = join(base, 'bybit-temporal-bot', `temporal-${PINNED_CLI_VERSION}`);
  return { directory, binaryPath: join(directory, process.platform === 'win32' ? 'temporal.exe' : 'temporal') };
}

/** Runs the work while no other process fills the same cache; waits for one that does and says so. */
export async function withCacheLock<T>(cache: CliCache, options: WaitOptions, work: () => Promise<T>): Promise<T> {
  const release = await waitForLock(join(cache.directory, 'fill.lock'), options);
  try {
    return await work();
  } finally {
    release();
  }
}

interface WaitOptions {
  onProgress: OnProgress;
  signal: AbortSignal;
}

async function waitForLock(path: string, { onProgress, signal }: WaitOptions): Promise<() => void> {
  const startedMs = Date.now();
  let reportedMs = startedMs - LOCK_REPORT_MS;
  for (;;) {
    const attempt = tryLock(path);
    if (attempt.kind === 'acquired') return attempt.release;
    if (Date.now() - startedMs > LOCK_WAIT_LIMIT_MS) {
      throw new BotError(10006, `Process ${attempt.owner.pid} has been getting the Temporal server since ${attempt.owner.since}`, { fix: `Wait for process ${attempt.owner.pid}, or end it and start again` });
    }
    if (Date.now() - reportedMs >= LOCK_REPORT_MS) {
      onProgress(`process ${attempt.owner.pid} is getting the Temporal server, waiting for it`);
      reportedMs = Date.now();
    }
    if (signal.aborted) throw new BotError(10006, 'Waiting for the Temporal server was given up', { retryable: false });
    await delay(LOCK_POLL_MS);
  }
}

/** Gives the work an empty folder on the cache's file system and removes it afterwards, whatever happens. */
export async function withScratchFolder<T>(cache: CliCache, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(cache.directory, { recursive: true });
  const folder = await mkdtemp(join(cache.directory, 'incoming-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function storeInCache(cache: CliCache, finishedBinary: string): Promise<void> {
  await chmod(finishedBinary, 0o755);
  await rename(finishedBinary, cache.binaryPath);
}

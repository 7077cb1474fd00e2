/**
 * Background work of the feeds: one queue per name, in order, each job repeated until it succeeds or is given up, never
 * more than a bounded number waiting. Nothing here may hold up the sockets.
 */
import { isBotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';

export type Errand = (name: string, run: () => Promise<unknown>) => void;

export interface ErrandOptions {
  logger: Logger;
  /** jobs waiting per name; when it is full the oldest is dropped (the exchange has the facts, the next backfill brings them) */
  waitingMax: number;
  attemptsMax: number;
  retryDelayMs: number;
}

export interface ErrandRunner {
  run: Errand;
  /** drops what waits and resolves when the running jobs are done */
  close(): Promise<void>;
}

type Job = () => Promise<unknown>;

export function createErrandRunner(options: ErrandOptions): ErrandRunner {
  const queues = new Map<string, Job[]>();
  const running = new Map<string, Promise<void>>();
  const state = { closed: false };

  const drain = async (name: string, queue: Job[]): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) await attempt(options, { name, job, isClosed: () => state.closed });
    running.delete(name);
  };

  return {
    run(name, job) {
      if (state.closed) return;
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      if (queue.length >= options.waitingMax) {
        queue.shift();
        options.logger.warning('Feed queue is full, dropping its oldest job', { queue: name, code: 40005 });
      }
      queue.push(job);
      if (!running.has(name)) running.set(name, drain(name, queue));
    },
    async close() {
      state.closed = true;
      for (const queue of queues.values()) queue.length = 0;
      await Promise.all(running.values());
    },
  };
}

async function attempt(options: ErrandOptions, { name, job, isClosed }: { name: string; job: Job; isClosed(): boolean }): Promise<void> {
  for (let tries = 1; !isClosed(); tries += 1) {
    try {
      await job();
      return;
    } catch (error) {
      const reason = { queue: name, error: error instanceof Error ? error.message : 'unknown error', ...(isBotError(error) ? { code: error.code } : {}) };
      if (tries >= options.attemptsMax) return options.logger.error('Feed job given up', { ...reason, tries });
      if (tries === 1) options.logger.warning('Feed job failed, retrying', reason);
      await new Promise((resolve) => setTimeout(resolve, options.retryDelayMs));
    }
  }
}

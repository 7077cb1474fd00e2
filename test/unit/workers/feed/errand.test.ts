import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../../../core/ports/logger.js';
import { createErrandRunner } from '../../../../workers/feed/errand.js';

const RETRY_DELAY_MS = 500;

function stage(limits: { waitingMax?: number; attemptsMax?: number } = {}) {
  const logged: { message: string; fields: unknown }[] = [];
  const keep = (message: string, fields?: unknown): void => void logged.push({ message, fields });
  const logger: Logger = { debug: keep, info: keep, warning: keep, error: keep, critical: keep, child: () => logger };
  const runner = createErrandRunner({ logger, waitingMax: 3, attemptsMax: 3, retryDelayMs: RETRY_DELAY_MS, ...limits });
  const done: string[] = [];
  const job = (name: string) => (): Promise<void> => Promise.resolve(void done.push(name));
  return { logged, runner, done, job };
}

/** A job that is under way until it is let go. */
function gate(): { job: () => Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { job: () => opened, open };
}

describe('errands of the feed', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => { vi.useRealTimers(); });

  it('of one name run one after the other, in order; those of another name do not wait for them', async () => {
    const { runner, done, job } = stage();
    const first = gate();
    runner.run('candles', first.job);
    runner.run('candles', job('second'));
    runner.run('report', job('beside'));
    await turn();
    expect(done).toEqual(['beside']);
    first.open();
    await turn();
    expect(done).toEqual(['beside', 'second']);
  });

  it('are repeated until they succeed, each pause as long as asked for', async () => {
    const { runner, done, logged, job } = stage();
    let failures = 2;
    runner.run('candles', () => (failures-- > 0 ? Promise.reject(new Error('no database')) : job('saved')()));
    await vi.advanceTimersByTimeAsync(RETRY_DELAY_MS);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(RETRY_DELAY_MS);
    expect(done).toEqual(['saved']);
    expect(logged).toMatchObject([{ message: 'Feed job failed, retrying', fields: { queue: 'candles', error: 'no database' } }]);
  });

  it('are given up after the last attempt, and the next one has its turn', async () => {
    const { runner, done, logged, job } = stage();
    runner.run('candles', () => Promise.reject(new Error('never')));
    runner.run('candles', job('next'));
    await vi.advanceTimersByTimeAsync(2 * RETRY_DELAY_MS);
    expect(done).toEqual(['next']);
    expect(logged.at(-1)).toMatchObject({ message: 'Feed job given up', fields: { tries: 3 } });
  });

  it('drop the oldest when more wait than are allowed, and say so', async () => {
    const { runner, done, logged, job } = stage();
    const first = gate();
    runner.run('candles', first.job);
    for (const name of ['a', 'b', 'c', 'd', 'e']) runner.run('candles', job(name));
    first.open();
    await turn();
    expect(done).toEqual(['c', 'd', 'e']);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({ message: 'Feed queue is full, dropping its oldest job' });
  });

  it('end with the feed: what runs is finished, what waits is dropped, nothing new is taken', async () => {
    const { runner, done, job } = stage();
    const first = gate();
    runner.run('candles', first.job);
    runner.run('candles', job('waiting'));
    const closed = runner.close().then(() => done.push('closed'));
    runner.run('candles', job('too late'));
    await turn();
    expect(done).toEqual([]);
    first.open();
    await closed;
    expect(done).toEqual(['closed']);
  });

  it('that fail while the feed ends are not repeated', async () => {
    const { runner } = stage();
    runner.run('candles', () => Promise.reject(new Error('no database')));
    const closed = runner.close();
    await vi.advanceTimersByTimeAsync(RETRY_DELAY_MS);
    await expect(closed).resolves.toBeUndefined();
  });
});

import { afterEach, expect, it } from 'vitest';
import { readResources } from '../../../adapters/host/resources.js';
import { watchResources, type ResourceWatch } from '../../../workers/resource-watch.js';
import { silentLogger } from '../../support/silent-logger.js';

const SOON = { timeout: 5_000, interval: 10 };
let watch: ResourceWatch | undefined;
afterEach(() => watch?.close());

it('warns of a shortage under its code, once while it lasts, and says when it is over', async () => {
  const told: [string, unknown][] = [];
  let freeDiskMb = 10;
  let looks = 0;
  watch = watchResources({
    read: () => { looks += 1; return Promise.resolve({ freeDiskMb, freeMemoryMb: 1_000 }); },
    limits: { minFreeDiskMb: 500, minFreeMemoryMb: 100 }, everyMs: 5, elapsed: () => 0,
    logger: { ...silentLogger, warning: (message, fields) => void told.push([message, fields?.['code']]), info: (message) => void told.push([message, undefined]) },
  });
  await expect.poll(() => looks, SOON).toBeGreaterThan(3);
  freeDiskMb = 1_000;
  await expect.poll(() => told, SOON).toEqual([
    ['Resources are short: 10 MB of disk are free in the data directory; at least 500 MB should be', 10006],
    ['Resources are sufficient again', undefined],
  ]);
});

it('goes on when a reading fails', async () => {
  const told: string[] = [];
  watch = watchResources({
    read: () => Promise.reject(new Error('no such disk')), limits: { minFreeDiskMb: 1, minFreeMemoryMb: 1 }, everyMs: 5, elapsed: () => 0,
    logger: { ...silentLogger, warning: (_message, fields) => void told.push(String(fields?.['reason'])) },
  });
  await expect.poll(() => told.slice(0, 2), SOON).toEqual(['no such disk', 'no such disk']);
});

it('reads this machine: there is some disk and some memory, and no more than there is', async () => {
  const { freeDiskMb, freeMemoryMb } = await readResources('.');
  expect(freeDiskMb).toBeGreaterThan(0);
  expect(freeMemoryMb).toBeGreaterThan(0);
  expect(freeMemoryMb).toBeLessThan(64 * 1024 * 1024);
});

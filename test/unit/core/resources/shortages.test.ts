import { describe, expect, it } from 'vitest';
import { shortagesOf } from '../../../../core/resources/shortages.js';

const LIMITS = { minFreeDiskMb: 500, minFreeMemoryMb: 100 };

describe('a machine', () => {
  it.each([
    ['with enough of everything', { freeDiskMb: 500, freeMemoryMb: 100 }, []],
    ['with a full disk', { freeDiskMb: 499.9, freeMemoryMb: 100 }, ['499 MB of disk are free in the data directory; at least 500 MB should be']],
    ['without memory', { freeDiskMb: 501, freeMemoryMb: 0 }, ['0 MB of memory are free; at least 100 MB should be']],
  ])('%s is told with its numbers', (_what, reading, messages) => {
    expect(shortagesOf(reading, LIMITS).map(({ message }) => message)).toEqual(messages);
  });

  it('short of both is told of both', () => {
    expect(shortagesOf({ freeDiskMb: 1, freeMemoryMb: 1 }, LIMITS).map(({ resource }) => resource)).toEqual(['disk', 'memory']);
  });
});

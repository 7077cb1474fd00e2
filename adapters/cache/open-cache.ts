/** The cache of a process: Redis when its address is given, else the memory of the process. */
import type { Cache } from '../../core/ports/cache.js';
import { createMemoryStore } from './memory-store.js';
import { ReadingCache, type ReadingCacheOptions } from './reading-cache.js';
import { createRedisStore } from './redis-store.js';

export interface CacheOptions extends Omit<ReadingCacheOptions, 'store'> {
  redisUrl: string | undefined;
  /** which exchange the values are of: two bots on one Redis must not see each other's market */
  market: string;
}

export function openCache({ redisUrl, market, ...options }: CacheOptions): Cache {
  const store = redisUrl === undefined ? createMemoryStore() : createRedisStore({ url: redisUrl, keyPrefix: `trading-bot:${market}:` });
  return new ReadingCache({ ...options, store });
}

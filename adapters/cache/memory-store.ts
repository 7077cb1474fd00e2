/** Cached texts in the memory of this process, the least recently used forgotten first. */
import { LRUCache } from 'lru-cache';
import type { CacheStore } from './store.js';

/** An instrument takes about 500 bytes, a batch of prices about 200 per symbol. */
const ENTRIES_MAX = 1_000;

export function createMemoryStore(): CacheStore {
  const entries = new LRUCache<string, string>({ max: ENTRIES_MAX });
  return {
    backend: 'memory',
    get: (key) => Promise.resolve(entries.get(key)),
    set: (key, text, keepMs) => {
      entries.set(key, text, { ttl: keepMs });
      return Promise.resolve();
    },
    drop: (key) => {
      entries.delete(key);
      return Promise.resolve();
    },
    releaseMemory: () => entries.clear(),
    close: () => {
      entries.clear();
      return Promise.resolve();
    },
  };
}

/**
 * Reads through a store to the source.
 *
 * Invariants
 * 1. Whatever the store does, a read ends as its source ends: a store that is away is passed by (10004, one log line per
 *    outage), an entry that cannot be read is dropped (40003).
 * 2. One visit to the source per value at a time, however many callers wait for it.
 * 3. A value past its time to live is given only when the source fails in a way that may pass, and is logged (40009).
 */
import { isBotError } from '../../core/errors/bot-error.js';
import type { Cache, CacheableKind, CacheableValues, CachedValue, CacheRead } from '../../core/ports/cache.js';
import type { Logger } from '../../core/ports/logger.js';
import type { CacheKindStatistics } from '../../core/ports/process-report.js';
import { entryOf, textOf, type Entry } from './cached-text.js';
import type { CacheStore } from './store.js';

export type TimesToLive = Readonly<Record<CacheableKind, number>>;

export interface ReadingCacheOptions {
  store: CacheStore;
  /** ms, by kind */
  ttlMs: TimesToLive;
  logger: Logger;
  /** host clock, ms since epoch */
  now(): number;
}

/** An expired value is kept so many times its time to live, for when the source is away. */
const KEPT_FACTOR = 10;
/** A value from further in the future than this was written by a clock that cannot be trusted. */
const CLOCK_TOLERANCE_MS = 60_000;

export class ReadingCache implements Cache {
  readonly #options: ReadingCacheOptions;
  readonly #underWay = new Map<string, Promise<CachedValue<unknown>>>();
  readonly #kinds = new Map<CacheableKind, CacheKindStatistics>();
  #isAvailable = true;
  #outages = 0;
  #bypassed = 0;

  constructor(options: ReadingCacheOptions) {
    this.#options = options;
  }

  read<K extends CacheableKind>(wanted: CacheRead<K>): Promise<CachedValue<CacheableValues[K]>> {
    const name = nameOf(wanted);
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) {
      this.#of(wanted.kind).shared += 1;
      // The name begins with the kind, so what runs under it gives a value of that kind.
      return underWay as Promise<CachedValue<CacheableValues[K]>>;
    }
    const started = this.#readOnce(wanted, name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, started);
    return started;
  }

  statistics(): ReturnType<Cache['statistics']> {
    const kinds = Object.fromEntries([...this.#kinds].map(([kind, counts]) => [kind, { ...counts }]));
    return { backend: this.#options.store.backend, available: this.#isAvailable, outages: this.#outages, bypassed: this.#bypassed, kinds };
  }

  releaseMemory(): void {
    this.#options.store.releaseMemory();
  }

  close(): Promise<void> {
    return this.#options.store.close();
  }

  async #readOnce<K extends CacheableKind>(wanted: CacheRead<K>, name: string): Promise<CachedValue<CacheableValues[K]>> {
    const known = await this.#stored(wanted, name);
    if (known !== undefined && this.#isFresh(wanted.kind, known)) {
      this.#of(wanted.kind).hits += 1;
      return { ...known, isExpired: false };
    }
    this.#of(wanted.kind).misses += 1;
    try {
      return await this.#fromSource(wanted, name);
    } catch (error) {
      if (known === undefined || !isBotError(error) || !error.retryable) throw error;
      return this.#expired(wanted, known, error.code);
    }
  }

  async #stored<K extends CacheableKind>({ kind }: CacheRead<K>, name: string): Promise<Entry<K> | undefined> {
    const text = await this.#withStore((store) => store.get(name));
    if (text === undefined) return undefined;
    const entry = entryOf(kind, text);
    if (entry !== undefined) return entry;
    this.#of(kind).corrupted += 1;
    this.#options.logger.error('Corrupted data in the cache: the entry is dropped and read from its source', { code: 40003, entry: name });
    await this.#withStore((store) => store.drop(name));
    return undefined;
  }

  async #fromSource<K extends CacheableKind>({ kind, load }: CacheRead<K>, name: string): Promise<CachedValue<CacheableValues[K]>> {
    const entry = { value: await load(), readAtMs: this.#options.now() };
    // Nobody has to wait until it is kept; a store answers in the order it was asked.
    void this.#withStore((store) => store.set(name, textOf<K>(entry), this.#options.ttlMs[kind] * KEPT_FACTOR));
    return { ...entry, isExpired: false };
  }

  #expired<K extends CacheableKind>({ kind }: CacheRead<K>, entry: Entry<K>, reason: number): CachedValue<CacheableValues[K]> {
    this.#of(kind).expiredServed += 1;
    const ageMs = this.#options.now() - entry.readAtMs;
    this.#options.logger.info('Data cache expired, and its source is away: the old value is given', { code: 40009, kind, ageMs, reason });
    return { ...entry, isExpired: true };
  }

  #isFresh(kind: CacheableKind, { readAtMs }: { readAtMs: number }): boolean {
    const ageMs = this.#options.now() - readAtMs;
    return ageMs > -CLOCK_TOLERANCE_MS && ageMs < this.#options.ttlMs[kind];
  }

  /** Undefined when the store does not answer; that is counted, and logged once until it answers again. */
  async #withStore<T>(use: (store: CacheStore) => Promise<T>): Promise<T | undefined> {
    try {
      const result = await use(this.#options.store);
      if (!this.#isAvailable) this.#options.logger.info('Redis answers again; the cache is in use', { bypassed: this.#bypassed });
      this.#isAvailable = true;
      return result;
    } catch (error) {
      if (!isBotError(error)) throw error;
      this.#bypassed += 1;
      if (this.#isAvailable) this.#outages += 1;
      if (this.#isAvailable) this.#options.logger.warning('Connection to Redis lost; everything is read from its source until it is back', { code: error.code, error: error.message });
      this.#isAvailable = false;
      return undefined;
    }
  }

  #of(kind: CacheableKind): CacheKindStatistics {
    const known = this.#kinds.get(kind);
    if (known !== undefined) return known;
    const created = { hits: 0, misses: 0, shared: 0, expiredServed: 0, corrupted: 0 };
    this.#kinds.set(kind, created);
    return created;
  }
}

function nameOf({ kind, key }: { kind: CacheableKind; key: string }): string {
  return `${kind}:${key}`;
}

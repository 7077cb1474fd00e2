/**
 * A cache for what may be a little old. Types only; `adapters/cache` implements it.
 *
 * Contract
 * 1. Only the kinds of `CacheableValues` can be cached: facts of the market that are the same for everybody. Orders,
 *    positions, executions and balances have no kind here, so a cached one cannot even be spelled.
 * 2. A read fails only as its source fails. A cache that is away, or holds nonsense, costs a visit to the source.
 * 3. A value older than its time to live is given only when the source cannot be reached now, and says so (40009).
 */
import type { Instrument } from '../market/instrument.js';
import type { Ticker } from './exchange.js';
import type { CacheStatistics } from './process-report.js';

export interface CacheableValues {
  /** trading rules of one symbol */
  instruments: Instrument;
  /** for display only: a decision asks the exchange itself */
  tickers: Ticker[];
}

export type CacheableKind = keyof CacheableValues;

export interface CacheRead<K extends CacheableKind> {
  kind: K;
  /** names the value among those of its kind */
  key: string;
  load(): Promise<CacheableValues[K]>;
}

export interface CachedValue<V> {
  value: V;
  /** host ms at which the source gave it */
  readAtMs: number;
  isExpired: boolean;
}

export interface Cache {
  /** Callers that want the same at the same time wait for one visit to the source. */
  read<K extends CacheableKind>(wanted: CacheRead<K>): Promise<CachedValue<CacheableValues[K]>>;
  statistics(): CacheStatistics;
  /** forgets what stands in the memory of this process */
  releaseMemory(): void;
  close(): Promise<void>;
}

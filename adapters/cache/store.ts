/** Where cached texts lie. */
import type { CacheStatistics } from '../../core/ports/process-report.js';

export interface CacheStore {
  backend: CacheStatistics['backend'];
  /** Both reject with BotError 10004 when the store does not answer in time. */
  get(key: string): Promise<string | undefined>;
  /** `keepMs`: the store may forget it after that */
  set(key: string, text: string, keepMs: number): Promise<void>;
  drop(key: string): Promise<void>;
  releaseMemory(): void;
  close(): Promise<void>;
}

/**
 * Keeps an eye on the memory of this process (maintenance guide, "High Memory Usage"): above the clean-up threshold the
 * caches are emptied and 10006 is logged, once each time the memory rises above it.
 */
import type { Logger } from '../core/ports/logger.js';

const BYTES_PER_MB = 1024 * 1024;
/** Below this share of the threshold the rise is over; in between a second warning would only repeat the first. */
const CALM_SHARE = 0.9;

export interface MemoryWatchOptions {
  limits: { max_memory_mb: number; cleanup_threshold_mb: number };
  /** empties what can be read again */
  release(): void;
  logger: Logger;
}

export class MemoryWatch {
  private isHigh = false;
  private cleanups = 0;

  constructor(private readonly options: MemoryWatchOptions) {}

  /** Takes the resident memory in bytes; returns how often the caches have been emptied so far. */
  judge(rss: number): number {
    const { limits: { max_memory_mb: maxMb, cleanup_threshold_mb: thresholdMb }, logger } = this.options;
    const memoryMb = Math.round(rss / BYTES_PER_MB);
    if (memoryMb < thresholdMb * CALM_SHARE) this.isHigh = false;
    if (memoryMb <= thresholdMb || this.isHigh) return this.cleanups;
    this.isHigh = true;
    this.cleanups += 1;
    this.options.release();
    logger.warning(`Memory usage is ${memoryMb} MB, above the clean-up threshold of ${thresholdMb} MB: caches are emptied`, { code: 10006, memoryMb, thresholdMb, maxMb });
    return this.cleanups;
  }
}

/**
 * Sections `cache` and `resources` of the configuration file: what a process may keep, and how much memory it may take.
 * Neither has a part in a decision; a change takes effect when the process starts anew.
 */
import { z } from 'zod';

export const cacheSchema = z.strictObject({
  /** how old trading rules of a symbol may be (tick and lot sizes): the exchange announces changes days ahead */
  instruments_ttl_ms: z.int().min(1_000).max(86_400_000).default(3_600_000),
  /** how old prices may be that are shown; decisions ask the exchange itself. One request in five seconds is 1 % of the budget */
  tickers_ttl_ms: z.int().min(500).max(3_600_000).default(5_000),
});

/** Maintenance guide, "High Memory Usage": 1000 MB and 800 MB, of the resident memory of one process. */
export const resourcesSchema = z.strictObject({
  max_memory_mb: z.int().min(200).max(1_000_000).default(1_000),
  /** above it a worker empties its caches and warns (10006) */
  cleanup_threshold_mb: z.int().min(100).max(1_000_000).default(800),
  /** less free disk in the data directory is a warning (10006) */
  min_free_disk_mb: z.int().min(1).max(100_000_000).default(500),
  /** less free memory of the machine, or of the container, is a warning (10006) */
  min_free_memory_mb: z.int().min(1).max(100_000_000).default(100),
  /** how often the maintenance worker looks */
  check_every_ms: z.int().min(1_000).max(3_600_000).default(30_000),
}).refine(({ max_memory_mb: max, cleanup_threshold_mb: cleanup }) => cleanup <= max, { path: ['cleanup_threshold_mb'], message: 'set it to at most resources.max_memory_mb' });

export type ResourceSettings = z.output<typeof resourcesSchema>;

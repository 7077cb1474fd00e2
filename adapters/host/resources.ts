/** What is left of this machine's disk and memory. Inside a container with a memory limit, the limit counts. */
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { ResourceReading } from '../../core/resources/shortages.js';

const MB = 1024 * 1024;

/** `directory` decides which disk is looked at. */
export async function readResources(directory: string): Promise<ResourceReading> {
  const disk = await statfs(directory);
  return { freeDiskMb: (disk.bavail * disk.bsize) / MB, freeMemoryMb: freeMemory() / MB };
}

/** `constrainedMemory` is 0, or larger than the machine, where nothing limits the process. */
function freeMemory(): number {
  const limit = process.constrainedMemory();
  if (limit === 0 || limit === undefined || limit >= totalmem()) return freemem();
  return Math.min(freemem(), Math.max(0, limit - process.memoryUsage.rss()));
}

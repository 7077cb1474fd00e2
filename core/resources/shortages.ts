/** Whether this machine has enough left to go on. Pure: a reading and its limits in, what is short out. */

export interface ResourceReading {
  /** where logs, snapshots and the embedded servers write */
  freeDiskMb: number;
  /** that programs can still get, as the system estimates it */
  freeMemoryMb: number;
}

export interface ResourceLimits {
  minFreeDiskMb: number;
  minFreeMemoryMb: number;
}

export interface Shortage {
  resource: 'disk' | 'memory';
  /** with the numbers */
  message: string;
}

export function shortagesOf(reading: ResourceReading, limits: ResourceLimits): Shortage[] {
  const { freeDiskMb, freeMemoryMb } = reading;
  const shortages: Shortage[] = [];
  if (freeDiskMb < limits.minFreeDiskMb) shortages.push({ resource: 'disk', message: `${Math.floor(freeDiskMb)} MB of disk are free in the data directory; at least ${limits.minFreeDiskMb} MB should be` });
  if (freeMemoryMb < limits.minFreeMemoryMb) shortages.push({ resource: 'memory', message: `${Math.floor(freeMemoryMb)} MB of memory are free; at least ${limits.minFreeMemoryMb} MB should be` });
  return shortages;
}

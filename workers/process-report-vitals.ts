/** What a process can say of itself at any moment: who it is, its memory, its use of a core, how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessVitals } from '../core/ports/process-report.js';
import { productVersion } from './product-version.js';

const RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;
const MICROSECONDS_PER_MS = 1e3;
const BYTES_PER_KB = 1024;

export interface VitalSigns {
  /** figures "since the report before" count from the call before */
  read(): ProcessVitals;
  stop(): void;
}

/** `now`: host clock, ms since epoch. */
export function watchVitals({ service, instance, now }: { service: string; instance: string; now(): number }): VitalSigns {
  const version = productVersion();
  const startedAtMs = Math.round(now() - process.uptime() * 1_000);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let measured = { cpu: process.cpuUsage(), atMs: performance.now() };
  return {
    read: () => {
      const before = measured;
      measured = { cpu: process.cpuUsage(), atMs: performance.now() };
      const cpuMs = (measured.cpu.user + measured.cpu.system - before.cpu.user - before.cpu.system) / MICROSECONDS_PER_MS;
      const eventLoopDelayMs = { mean: lateness(delay.mean), p99: lateness(delay.percentile(99)), max: lateness(delay.max) };
      delay.reset();
      const cpuPercent = round((100 * cpuMs) / Math.max(1, measured.atMs - before.atMs));
      return { service, instance, pid: process.pid, version, startedAtMs, atMs: now(), memory: memoryNow(), cpuPercent, eventLoopDelayMs };
    },
    stop: () => void delay.disable(),
  };
}

export function memoryNow(): ProcessVitals['memory'] {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, peakRss: Math.max(rss, process.resourceUsage().maxRSS * BYTES_PER_KB), heapTotal, heapUsed, external, arrayBuffers };
}

/** The histogram holds the times between two ticks of a timer, and nothing before the first. */
function lateness(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? round(Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS)) : 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

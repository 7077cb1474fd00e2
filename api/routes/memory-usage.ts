/** `GET /api/v1/debug/memory-usage`: the memory of every process against the limits of the maintenance guide; this one live. */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { ProcessVitals } from '../../core/ports/process-report.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { identityOn, processIdentity } from '../process-identity.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { iso, provenance } from '../wire.js';

const BYTES_PER_MB = 1024 * 1024;

const megabytes = z.number().meta({ description: 'MB (1024 × 1024 bytes)' });
const STATES = ['ok', 'above_cleanup_threshold', 'above_maximum', 'unknown'] as const;

const processSchema = z.object({
  ...processIdentity,
  state: z.enum(STATES),
  verdict: z.string(),
  rss_mb: megabytes.meta({ description: 'resident memory: what the limits are about' }),
  peak_rss_mb: megabytes.meta({ description: 'the most since the process started' }),
  used_percent: z.number().meta({ description: 'percent of the maximum' }),
  heap_used_mb: megabytes,
  heap_total_mb: megabytes,
  external_mb: megabytes,
  array_buffers_mb: megabytes,
  memory_cleanups: z.int().nullable().meta({ description: 'times that the caches were emptied because memory was high' }),
  cpu_percent: z.number().meta({ description: 'percent of one core' }),
  event_loop_delay_ms: z.object({ mean: z.number(), p99: z.number(), max: z.number() }),
}).meta({ id: 'ProcessMemory' });

export const memoryUsageSchema = z.object({
  ...provenance,
  verdict: z.string(),
  limits: z.object({ max_memory_mb: z.int(), cleanup_threshold_mb: z.int() }).meta({ description: 'of one process, from the configuration section resources' }),
  total_rss_mb: megabytes.meta({ description: 'of the processes that reported lately' }),
  workers_missing_because: z.string().nullable(),
  processes: z.array(processSchema),
}).meta({ id: 'MemoryUsage' });

type Reported = z.output<typeof memoryUsageSchema>;
type ProcessMemory = z.output<typeof processSchema>;
type Vitals = ProcessVitals & { memoryCleanups?: number };
type Limits = ApiDependencies['ownProcess']['limits'];

export function memoryUsageRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/debug/memory-usage',
    summary: 'Memory, CPU and event loop of every process',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: memoryUsageSchema,
    statuses: { 200: 'This process as it is now, the others as they last reported' },
    handle: async () => ({ status: 200, body: await report(dependencies) }),
  });
}

async function report({ ledger: open, ownProcess, clock }: ApiDependencies): Promise<Reported> {
  const nowMs = clock();
  const own = ownProcess.vitals();
  const others = await reported(open);
  const isOwn = ({ service, instance }: Vitals): boolean => service === own.service && instance === own.instance;
  const processes = [own, ...others.vitals.filter((vitals) => !isOwn(vitals))].map((vitals) => onTheWire(vitals, { nowMs, limits: ownProcess.limits }));
  return {
    as_of: iso(nowMs),
    source: 'api',
    verdict: overall(processes, others.missingBecause),
    limits: { max_memory_mb: ownProcess.limits.maxMemoryMb, cleanup_threshold_mb: ownProcess.limits.cleanupThresholdMb },
    total_rss_mb: tenth(processes.filter(({ is_stale }) => !is_stale).reduce((sum, { rss_mb }) => sum + rss_mb, 0)),
    workers_missing_because: others.missingBecause,
    processes,
  };
}

/** A ledger that is away takes the workers' reports with it, not the figures of this process. */
async function reported(open: ApiDependencies['ledger']): Promise<{ vitals: Vitals[]; missingBecause: string | null }> {
  try {
    const vitals = await (await open()).processReports();
    return { vitals, missingBecause: vitals.length === 0 ? 'no worker has reported yet' : null };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { vitals: [], missingBecause: `${error.message} (${error.code})` };
  }
}

function onTheWire(vitals: Vitals, { nowMs, limits }: { nowMs: number; limits: Limits }): ProcessMemory {
  const identity = identityOn(vitals, nowMs);
  const { memory, cpuPercent, eventLoopDelayMs, memoryCleanups } = vitals;
  const rssMb = megabytesOf(memory.rss);
  const state = identity.is_stale ? 'unknown' : stateOf(rssMb, limits);
  return {
    ...identity, state, verdict: verdictOn(state, { rssMb, limits }),
    rss_mb: rssMb, peak_rss_mb: megabytesOf(memory.peakRss), used_percent: tenth((100 * rssMb) / limits.maxMemoryMb),
    heap_used_mb: megabytesOf(memory.heapUsed), heap_total_mb: megabytesOf(memory.heapTotal), external_mb: megabytesOf(memory.external), array_buffers_mb: megabytesOf(memory.arrayBuffers),
    memory_cleanups: memoryCleanups ?? null, cpu_percent: cpuPercent, event_loop_delay_ms: eventLoopDelayMs,
  };
}

function stateOf(rssMb: number, { maxMemoryMb, cleanupThresholdMb }: Limits): 'ok' | 'above_cleanup_threshold' | 'above_maximum' {
  if (rssMb > maxMemoryMb) return 'above_maximum';
  return rssMb > cleanupThresholdMb ? 'above_cleanup_threshold' : 'ok';
}

function verdictOn(state: (typeof STATES)[number], { rssMb, limits }: { rssMb: number; limits: Limits }): string {
  switch (state) {
    case 'ok':
      return `${rssMb} MB, below the clean-up threshold of ${limits.cleanupThresholdMb} MB`;
    case 'above_cleanup_threshold':
      return `${rssMb} MB, above the clean-up threshold of ${limits.cleanupThresholdMb} MB: caches have been emptied; when it keeps rising, restart the process gracefully`;
    case 'above_maximum':
      return `${rssMb} MB, above the maximum of ${limits.maxMemoryMb} MB: restart the process gracefully (SIGTERM: its supervisor brings it back, exchange-side stops stay)`;
    case 'unknown':
      return 'the report is old: the process is gone or cannot reach the ledger';
  }
}

function overall(processes: readonly ProcessMemory[], missingBecause: string | null): string {
  const named = (state: ProcessMemory['state']): string => processes.filter((one) => one.state === state).map(({ service, instance }) => `${service}-${instance}`).join(', ');
  const parts = [
    named('above_maximum') && `above the maximum: ${named('above_maximum')}`,
    named('above_cleanup_threshold') && `above the clean-up threshold: ${named('above_cleanup_threshold')}`,
    named('unknown') && `no word lately of ${named('unknown')}`,
    missingBecause && `the workers are not known: ${missingBecause}`,
  ].filter((part) => part !== '' && part !== null);
  return parts.length === 0 ? 'every process is below the clean-up threshold' : parts.join('; ');
}

function megabytesOf(bytes: number): number {
  return tenth(bytes / BYTES_PER_MB);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

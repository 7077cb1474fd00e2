/** `GET /api/v1/debug/api-stats`: how much of the exchange's request budget is used, how long it takes, and what fails. */
import { z } from 'zod';
import type { ApiStatistics, CacheStatistics, EndpointStatistics, ProcessReport } from '../../core/ports/process-report.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { identityOn, processIdentity } from '../process-identity.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';

const percent = z.number().meta({ description: 'percent' });
const latency = z.object({ count: z.int(), p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }).nullable()
  .meta({ description: 'ms from sending to answer, of the newest 1024 requests; null: none was sent' });

const endpointSchema = z.object({
  endpoint: z.string(),
  scope: z.enum(['public', 'read', 'Order', 'Position']).meta({ description: 'which permission of the API key it needs' }),
  calls: z.int(),
  shared: z.int().meta({ description: 'callers that took the answer of another one under way' }),
  refused: z.int().meta({ description: 'callers that were not let through: the budget was used up, or the exchange had banned this address' }),
  errors: z.int(),
  errors_by_code: z.record(z.string(), z.int()),
  latency_ms: latency,
  last_call_at: instant.nullable(),
}).meta({ id: 'EndpointStatistics' });

const cacheSchema = z.object({
  backend: z.enum(['redis', 'memory']),
  available: z.boolean(),
  outages: z.int(),
  bypassed: z.int().meta({ description: 'reads and writes that passed by a Redis that did not answer (10004)' }),
  kinds: z.record(z.string(), z.object({
    hits: z.int(), misses: z.int(), shared: z.int(), expired_served: z.int().meta({ description: '40009' }), corrupted: z.int().meta({ description: '40003' }), hit_percent: percent.nullable(),
  })),
}).meta({ id: 'CacheStatistics' });

const processSchema = z.object({
  ...processIdentity,
  counting_since: instant,
  budgets: z.array(z.object({
    requests: z.int(), window_ms: z.int(), used: z.int(), headroom: z.int(), used_percent: percent,
    enforced: z.boolean().meta({ description: 'false (paper mode): counted, and nobody is held back' }),
  })),
  endpoint_quotas: z.array(z.object({ endpoint: z.string(), requests_per_second: z.int(), used: z.int(), headroom: z.int() })),
  waiting: z.int().meta({ description: 'requests that wait for a free place' }),
  banned_for_ms: z.int(),
  endpoints: z.array(endpointSchema).meta({ description: 'the most used first' }),
  cache: cacheSchema.nullable(),
}).meta({ id: 'ApiStatisticsOfProcess' });

export const apiStatsSchema = z.object({
  ...provenance,
  verdict: z.string(),
  calls: z.int(),
  errors: z.int(),
  error_percent: percent.nullable(),
  refused: z.int(),
  processes: z.array(processSchema).meta({ description: 'those that talk to the exchange' }),
}).meta({ id: 'ApiStats' });

export function apiStatsRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/debug/api-stats',
    summary: "Use of the exchange's API: budget, latency, errors, cache",
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: apiStatsSchema,
    statuses: { 200: 'The figures, as each process last reported them' },
    handle: async () => ({ status: 200, body: summary(await (await open()).processReports(), clock()) }),
  });
}

type Reported = z.output<typeof apiStatsSchema>;
type Talking = ProcessReport & { apiStats: ApiStatistics };

function summary(reports: readonly ProcessReport[], nowMs: number): Reported {
  const talking = reports.filter((report): report is Talking => report.apiStats !== null);
  const processes = talking.map((report) => onTheWire(report, nowMs));
  const endpoints = processes.flatMap((one) => one.endpoints);
  const sum = (pick: (endpoint: (typeof endpoints)[number]) => number): number => endpoints.reduce((total, endpoint) => total + pick(endpoint), 0);
  const calls = sum((endpoint) => endpoint.calls);
  const errors = sum((endpoint) => endpoint.errors);
  return {
    as_of: iso(talking.length === 0 ? nowMs : Math.max(...talking.map(({ atMs }) => atMs))),
    source: 'ledger',
    verdict: verdictOn(processes),
    calls, errors, error_percent: share(errors, calls), refused: sum((endpoint) => endpoint.refused),
    processes,
  };
}

function onTheWire(report: Talking, nowMs: number): Reported['processes'][number] {
  const { apiStats, cacheStats } = report;
  return {
    ...identityOn(report, nowMs),
    counting_since: iso(apiStats.sinceMs),
    budgets: apiStats.budgets.map(({ requests, windowMs, used, headroom, enforced }) => ({ requests, window_ms: windowMs, used, headroom, used_percent: share(used, requests) ?? 0, enforced })),
    endpoint_quotas: apiStats.quotas.map(({ endpoint, requestsPerSecond, used, headroom }) => ({ endpoint, requests_per_second: requestsPerSecond, used, headroom })),
    waiting: apiStats.waiting,
    banned_for_ms: Math.round(apiStats.bannedForMs),
    endpoints: apiStats.endpoints.map(endpointOnTheWire).sort((one, other) => other.calls - one.calls),
    cache: cacheStats === null ? null : cacheOnTheWire(cacheStats),
  };
}

function endpointOnTheWire({ endpoint, scope, calls, shared, refused, errorsByCode, latency: measured, lastCallAtMs }: EndpointStatistics): z.output<typeof endpointSchema> {
  const errors = Object.values(errorsByCode).reduce((sum, times) => sum + times, 0);
  const rounded = measured === null ? null : { count: measured.count, p50: tenth(measured.p50), p95: tenth(measured.p95), p99: tenth(measured.p99), max: tenth(measured.max) };
  return { endpoint, scope, calls, shared, refused, errors, errors_by_code: errorsByCode, latency_ms: rounded, last_call_at: isoOrNull(lastCallAtMs) };
}

function cacheOnTheWire({ kinds, ...cache }: CacheStatistics): z.output<typeof cacheSchema> {
  return {
    ...cache,
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, { hits, misses, shared, expiredServed, corrupted }]) =>
      [kind, { hits, misses, shared, expired_served: expiredServed, corrupted, hit_percent: share(hits, hits + misses) }])),
  };
}

const NEARLY_USED_PERCENT = 80;

function verdictOn(processes: Reported['processes']): string {
  const alive = processes.filter(({ is_stale }) => !is_stale);
  if (alive.length === 0) return processes.length === 0 ? 'no process that talks to the exchange has reported yet: is the trading worker running? /health says so' : 'the figures are old: the trading worker is gone or cannot reach the ledger; /health says which';
  const banned = Math.max(...alive.map(({ banned_for_ms }) => banned_for_ms));
  if (banned > 0) return `the exchange refuses this address for ${Math.ceil(banned / 1_000)} s more (HTTP 403); only exits, cancels and stops are sent meanwhile`;
  const budgets = alive.flatMap((one) => one.budgets);
  const fullest = [...budgets].sort((one, other) => other.used_percent - one.used_percent)[0];
  if (fullest === undefined) return 'no budget is in force';
  const use = `${fullest.used} of ${fullest.requests} requests in ${fullest.window_ms / 1_000} s are used`;
  const waiting = alive.reduce((sum, one) => sum + one.waiting, 0);
  if (fullest.used_percent >= NEARLY_USED_PERCENT) {
    return fullest.enforced ? `the request budget is nearly used up: ${use}, ${waiting} wait; reads wait first, exits never` : `${use}: more than a real exchange would allow; in paper mode nobody is held back`;
  }
  return `there is headroom: ${use}, ${waiting === 0 ? 'nothing waits' : `${waiting} wait`}`;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : tenth((100 * part) / whole);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

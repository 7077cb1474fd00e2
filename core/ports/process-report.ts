/**
 * What a process says of itself every few seconds: its means, its use of the exchange's budget, its cache, its feeds, its
 * key. It travels through the ledger as JSON, written by one version of the product and perhaps read by another, so the
 * reader parses it with this schema.
 *
 * Invariant: no secret in it. Of the API key there are the permissions only.
 */
import { z } from 'zod';

export const REPORT_EVERY_MS = 5_000;
export const PROCESS_STATE_PREFIX = 'process:';
/** A report older than this is of a process that is gone, or that cannot reach the ledger. */
export const REPORT_STALE_AFTER_MS = 20_000;

const count = z.int().min(0);
const ms = z.number().min(0);
/** host ms since epoch; 0: never */
const instantMs = z.number().min(0);

const percentiles = z.object({ count, p50: ms, p95: ms, p99: ms, max: ms });

/** Which permission of the API key a request needs: none, any, or the one of that name in Bybit's group ContractTrade. */
export const ENDPOINT_SCOPES = ['public', 'read', 'Order', 'Position'] as const;

const endpointStatistics = z.object({
  /** as in Bybit's documentation; "(socket)" after it: over the trade socket */
  endpoint: z.string(),
  scope: z.enum(ENDPOINT_SCOPES),
  /** requests sent */
  calls: count,
  /** callers that were served by another caller's request under way */
  shared: count,
  /** callers that were told to come back later because no request was free, or that met a ban */
  refused: count,
  /** failed requests by code of the error catalogue */
  errorsByCode: z.record(z.string(), count),
  /** ms from sending to answer, of the newest requests; null before the first */
  latency: percentiles.nullable(),
  lastCallAtMs: instantMs,
});

const budget = z.object({ requests: count, windowMs: ms, used: count, headroom: count, /** false: counted, held back by nobody */ enforced: z.boolean() });
const quota = z.object({ endpoint: z.string(), requestsPerSecond: count, used: count, headroom: count });

const apiStatistics = z.object({
  sinceMs: instantMs,
  /** ceilings of all HTTP requests of this process together */
  budgets: z.array(budget),
  /** the exchange's own limits of single endpoints, as its replies last stated them */
  quotas: z.array(quota),
  /** requests that wait for a free place now */
  waiting: count,
  /** ms; above 0 while the exchange refuses this address */
  bannedForMs: ms,
  endpoints: z.array(endpointStatistics),
});

const cacheKindStatistics = z.object({ hits: count, misses: count, shared: count, expiredServed: count, corrupted: count });

const cacheStatistics = z.object({
  backend: z.enum(['redis', 'memory']),
  /** false while Redis does not answer and every read goes to the source */
  available: z.boolean(),
  outages: count,
  /** reads that went to the source because Redis was away */
  bypassed: count,
  kinds: z.record(z.string(), cacheKindStatistics),
});

const seriesState = z.object({ symbol: z.string(), interval: z.string(), lastCandleCloseMs: instantMs, receivedAtMs: instantMs });
const streamState = z.object({ state: z.enum(['connecting', 'connected', 'reconnecting', 'closed']), lastMessageAtMs: instantMs, connectedSinceMs: instantMs, reconnects: count });
const feedState = z.object({ feeding: z.boolean(), series: z.array(seriesState), market: streamState, account: streamState });

const keyInfo = z.object({
  /** when the exchange was last asked */
  readAtMs: instantMs,
  readOnly: z.boolean(),
  permissions: z.record(z.string(), z.array(z.string())),
  boundIps: z.array(z.string()),
  /** null: the key does not expire */
  expiresMs: z.number().nullable(),
});

const price = z.object({ symbol: z.string(), lastPrice: z.string(), markPrice: z.string(), fundingRate: z.string(), nextFundingMs: instantMs, asOfMs: instantMs });

const vitals = {
  service: z.string(),
  instance: z.string(),
  pid: z.int(),
  version: z.string(),
  startedAtMs: instantMs,
  atMs: instantMs,
  /** bytes */
  memory: z.object({ rss: count, /** the most since the process started */ peakRss: count, heapTotal: count, heapUsed: count, external: count, arrayBuffers: count }),
  /** percent of one core since the report before */
  cpuPercent: z.number().min(0),
  /** ms that the event loop was late, since the report before */
  eventLoopDelayMs: z.object({ mean: ms, p99: ms, max: ms }),
};

/** Of the connections to the ledger; see `PoolStatistics`. */
export const poolStatisticsSchema = z.object({ size: count, overflow: count, open: count, inUse: count, idle: count, waiting: count, opened: count, replaced: count, recycleAfterSeconds: count });

export const processVitalsSchema = z.object(vitals);
export const processReportSchema = z.object({
  ...vitals,
  /** times that memory rose above the clean-up threshold and the caches were emptied */
  memoryCleanups: count,
  apiStats: apiStatistics.nullable(),
  cacheStats: cacheStatistics.nullable(),
  feed: feedState.nullable(),
  keyInfo: keyInfo.nullable(),
  prices: z.array(price),
  /** absent: of a version that did not count them */
  pool: poolStatisticsSchema.optional(),
});

export type EndpointScope = (typeof ENDPOINT_SCOPES)[number];
export type EndpointStatistics = z.output<typeof endpointStatistics>;
export type ApiStatistics = z.output<typeof apiStatistics>;
export type CacheKindStatistics = z.output<typeof cacheKindStatistics>;
export type CacheStatistics = z.output<typeof cacheStatistics>;
export type StreamReport = z.output<typeof streamState>;
export type FeedReport = z.output<typeof feedState>;
export type KeyReport = z.output<typeof keyInfo>;
export type ProcessVitals = z.output<typeof processVitalsSchema>;
export type ProcessReport = z.output<typeof processReportSchema>;

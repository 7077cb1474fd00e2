/** `GET /api/v1/data/debug`: whether candles come, how old the newest are on the market's clock, and what is missing. */
import { z } from 'zod';
import { missingCandles, type SeriesHealth } from '../../core/diagnosis/series-health.js';
import { isBotError } from '../../core/errors/bot-error.js';
import { INTERVALS } from '../../core/market/interval.js';
import type { FeedReport, ProcessReport } from '../../core/ports/process-report.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { diagnosisOf, gatherFacts } from '../diagnosis-facts.js';
import { diagnosisOnWire, diagnosisSchema } from '../diagnosis-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';

const CANDLES_MAX = 1_000;
const GAPS_SHOWN_MAX = 20;

const query = z.strictObject({
  candles: z.coerce.number().int().min(2).max(CANDLES_MAX).default(200).meta({ description: `how many of each series are looked at, a whole number from 2 to ${CANDLES_MAX}` }),
});

const ageMs = z.int().meta({ description: 'ms' });

const seriesSchema = z.object({
  symbol: z.string(),
  interval: z.enum(INTERVALS).meta({ description: 'minutes, or D' }),
  strategies: z.array(z.string()).meta({ description: 'enabled ones that decide on it' }),
  state: z.enum(['fresh', 'late', 'empty']),
  candles_looked_at: z.int(),
  newest_close: instant.nullable().meta({ description: 'close of the newest candle in the ledger, trading time' }),
  expected_close: instant.meta({ description: 'the close that should be there by now' }),
  age_ms: ageMs.nullable().meta({ description: 'trading time since the newest close, ms' }),
  missing_candles: z.int(),
  gap_count: z.int(),
  gaps: z.array(z.object({ at: instant, kind: z.string(), code: z.int(), detail: z.string() })).meta({ description: `the first ${GAPS_SHOWN_MAX}` }),
  feed: z.object({ newest_close: instant.nullable(), received_at: instant.nullable() }).nullable().meta({ description: 'as the feeding worker last reported; null: no report' }),
}).meta({ id: 'SeriesDebug' });

const streamSchema = z.object({
  state: z.string(),
  last_message_at: instant.nullable(),
  silent_for_ms: ageMs.nullable(),
  reconnects: z.int(),
}).meta({ id: 'StreamDebug' });

export const dataDebugSchema = z.object({
  ...provenance,
  diagnosis: diagnosisSchema,
  market_time: instant.meta({ description: 'now on the clock of the market' }),
  market_clock: z.enum(['host', 'market']).meta({ description: "host: the market runs in real time · market: a replay, the newest candle is all that is known of its time" }),
  series: z.array(seriesSchema).nullable().meta({ description: 'null: the ledger does not answer' }),
  feed: z.object({
    service: z.string(),
    instance: z.string(),
    reported_at: instant,
    report_age_ms: ageMs,
    market_stream: streamSchema,
    account_stream: streamSchema,
  }).nullable().meta({ description: 'of the worker that feeds the bot; null: none has reported' }),
}).meta({ id: 'DataDebug' });

type Reported = z.output<typeof dataDebugSchema>;

export function dataDebugRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/data/debug', summary: 'Freshness and gaps of the market data', role: 'viewer',
    query, body: NOTHING, reply: dataDebugSchema, statuses: { 200: 'The series' },
    handle: async ({ query: { candles }, caller }) => {
      const [facts, report] = await Promise.all([gatherFacts(dependencies, { candles }), feedingProcess(dependencies)]);
      return {
        status: 200,
        body: {
          as_of: iso(facts.market.nowMs), source: facts.series === null ? 'api' as const : 'ledger' as const,
          diagnosis: diagnosisOnWire(diagnosisOf(facts, caller.origin), ['market_data']),
          market_time: iso(facts.market.nowMs), market_clock: facts.market.runs,
          series: facts.series?.map((one) => onWire(one, report?.feed ?? null)) ?? null,
          feed: report === undefined ? null : feedOf(report, dependencies.clock()),
        },
      };
    },
  });
}

interface FeedingProcess extends ProcessReport {
  feed: FeedReport;
}

/** The newest report of a worker that feeds; a ledger that is away is told by the diagnosis. */
async function feedingProcess({ ledger }: ApiDependencies): Promise<FeedingProcess | undefined> {
  try {
    const reports = await (await ledger()).processReports();
    const feeding = reports.flatMap((report) => (report.feed?.feeding === true ? [{ ...report, feed: report.feed }] : []));
    return feeding.sort((a, b) => b.atMs - a.atMs)[0];
  } catch (error) {
    if (!isBotError(error)) throw error;
    return undefined;
  }
}

function onWire(series: SeriesHealth, feed: FeedReport | null): NonNullable<Reported['series']>[number] {
  const { symbol, interval, strategies, state, candles, newestCloseMs, expectedCloseMs, gaps } = series;
  const seen = feed?.series.find((one) => one.symbol === symbol && one.interval === interval);
  return {
    symbol, interval, strategies, state, candles_looked_at: candles, newest_close: isoOrNull(newestCloseMs), expected_close: iso(expectedCloseMs),
    age_ms: series.ageMs === null ? null : Math.round(series.ageMs), missing_candles: missingCandles(series), gap_count: gaps.length,
    gaps: gaps.slice(0, GAPS_SHOWN_MAX).map(({ atMs, kind, code, detail }) => ({ at: iso(atMs), kind, code, detail })),
    feed: seen === undefined ? null : { newest_close: isoOrNull(seen.lastCandleCloseMs), received_at: isoOrNull(seen.receivedAtMs) },
  };
}

function feedOf({ service, instance, atMs, feed }: FeedingProcess, nowMs: number): NonNullable<Reported['feed']> {
  return { service, instance, reported_at: iso(atMs), report_age_ms: ageOf(atMs, nowMs), market_stream: streamOf(feed.market, nowMs), account_stream: streamOf(feed.account, nowMs) };
}

function streamOf({ state, lastMessageAtMs, reconnects }: FeedReport['market'], nowMs: number): z.output<typeof streamSchema> {
  return { state, last_message_at: isoOrNull(lastMessageAtMs), silent_for_ms: lastMessageAtMs === 0 ? null : ageOf(lastMessageAtMs, nowMs), reconnects };
}

function ageOf(atMs: number, nowMs: number): number {
  return Math.max(0, Math.round(nowMs - atMs));
}

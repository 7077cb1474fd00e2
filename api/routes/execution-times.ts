/** `GET /api/v1/debug/execution-times`: from candle to fill, stage by stage, over the newest trades. */
import { z } from 'zod';
import { executionTimes, STAGE_NAMES, type ExecutionTimes, type TradeTimes } from '../../core/latency/execution-times.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { tradingNowMs } from '../trading-time.js';
import { watchOf, watchSchema } from '../watch.js';
import { instant, iso, provenance } from '../wire.js';

const TRADES_MAX = 1_000;
const SLOWEST_MAX = 50;

const query = z.strictObject({
  trades: z.coerce.number().int().min(1).max(TRADES_MAX).default(200).meta({ description: `how many of the newest trades, from 1 to ${TRADES_MAX}` }),
  slowest: z.coerce.number().int().min(0).max(SLOWEST_MAX).default(5).meta({ description: `how many of the slowest are shown, from 0 to ${SLOWEST_MAX}` }),
});

const stageName = z.enum(STAGE_NAMES);
const milliseconds = z.number().nullable().meta({ description: 'ms; null: not measured' });

const stageSchema = z.object({
  stage: stageName,
  meaning: z.string(),
  ms: z.object({ count: z.int(), p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }).nullable(),
  when_slow: z.string().meta({ description: 'where to look' }),
});

const slowTradeSchema = z.object({
  trade_id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  decided_at: instant.meta({ description: 'trading time' }),
  signal_to_filled_ms: z.number(),
  slowest_stage: stageName.nullable(),
  stages: z.record(z.string(), milliseconds),
  ...watchSchema.shape,
});

export const executionTimesSchema = z.object({
  ...provenance,
  verdict: z.string(),
  trades: z.int().meta({ description: 'trades looked at' }),
  measured: z.int().meta({ description: 'of these, trades with timings' }),
  stages: z.array(stageSchema),
  slowest: z.array(slowTradeSchema),
}).meta({ id: 'ExecutionTimes' });

type Reported = z.output<typeof executionTimesSchema>;

export function executionTimesRoute({ ledger: open, clock, workflows }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/debug/execution-times',
    summary: 'How long entries take, stage by stage, with the slowest trades',
    role: 'viewer',
    query,
    body: NOTHING,
    reply: executionTimesSchema,
    statuses: { 200: 'The times' },
    handle: async ({ query: { trades: wanted, slowest } }) => {
      const ledger = await open();
      const [trades, nowMs] = await Promise.all([ledger.tradesSince(0, wanted), tradingNowMs(ledger, clock)]);
      const times = executionTimes(trades, slowest);
      const body: Reported = {
        as_of: iso(nowMs), source: 'ledger', verdict: verdictOn(times), trades: trades.length, measured: times.measured,
        stages: times.stages.map(({ name, meaning, advice, percentiles }) => ({ stage: name, meaning, ms: percentiles, when_slow: advice })),
        slowest: times.slowest.map((one) => slowTrade(one, workflows)),
      };
      return { status: 200, body };
    },
  });
}

function slowTrade({ trade, stages, slowestStage }: TradeTimes, workflows: ApiDependencies['workflows']): Reported['slowest'][number] {
  return {
    trade_id: trade.tradeId, strategy: trade.strategy, symbol: trade.symbol, decided_at: iso(trade.decidedMs),
    signal_to_filled_ms: stages.signal_to_filled ?? 0, slowest_stage: slowestStage, stages, ...watchOf(workflows.links(trade.workflowId)),
  };
}

function verdictOn({ measured, stages }: ExecutionTimes): string {
  const whole = stages.find(({ name }) => name === 'signal_to_filled')?.percentiles ?? null;
  if (measured === 0) return 'no trade with timings yet';
  if (whole === null) return `${measured} trades have timings, and none of their entries was seen filled`;
  const parts = stages.filter(({ name, percentiles }) => name !== 'signal_to_filled' && name !== 'candle_to_signal' && percentiles !== null);
  const longest = [...parts].sort((one, other) => (other.percentiles?.p50 ?? 0) - (one.percentiles?.p50 ?? 0))[0];
  return `half of the entries are filled within ${whole.p50} ms of their candle's arrival, 95 of 100 within ${whole.p95} ms; the longest stage is ${longest?.name ?? 'unknown'} (${longest?.meaning ?? ''})`;
}

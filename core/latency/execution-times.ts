/**
 * From candle to fill: how long each stage of an entry took, over several trades and for the slowest of them. All stages but
 * the first are measured on one clock, the host's.
 */
import type { TradeRow, TradeTimings } from '../ports/ledger.js';
import { percentilesOf, type Percentiles } from './percentiles.js';

interface Stage {
  name: string;
  meaning: string;
  /** what to look at when it is slow */
  advice: string;
  from: (timings: TradeTimings) => number | null;
  to: (timings: TradeTimings) => number | null;
}

/** In the order in which they happen; the last is the whole way. */
const STAGES = [
  { name: 'candle_to_signal', meaning: 'from the close of the candle on the exchange to its arrival here', advice: 'the way from the exchange: data/debug shows the streams; is the clock of this host right?', from: (t) => t.candleCloseMs, to: (t) => t.receivedAtMs },
  { name: 'signal_to_decision', meaning: 'reading the account, evaluating the strategies, judging the risk', advice: 'the worker or Temporal: debug/memory-usage shows lateness and CPU, debug/api-stats the latency of the reads', from: (t) => t.receivedAtMs, to: (t) => t.decidedAtMs },
  { name: 'decision_to_sent', meaning: 'starting the trade and recording its intent in the ledger', advice: 'Temporal or PostgreSQL: health shows the latency of both', from: (t) => t.decidedAtMs, to: (t) => t.sentAtMs },
  { name: 'sent_to_acknowledged', meaning: 'the way to the exchange and back', advice: 'the network or the exchange: debug/api-stats shows order/create; exchange.order_transport "websocket" saves a round trip', from: (t) => t.sentAtMs, to: (t) => t.acknowledgedAtMs },
  { name: 'acknowledged_to_filled', meaning: 'until the fill was seen', advice: 'the exchange\'s matching or a thin market', from: (t) => t.acknowledgedAtMs, to: (t) => t.filledAtMs },
  { name: 'signal_to_filled', meaning: 'the whole way, from the arrival of the candle to the fill', advice: 'see which stage has the largest share', from: (t) => t.receivedAtMs, to: (t) => t.filledAtMs },
] as const satisfies readonly Stage[];

export type StageName = (typeof STAGES)[number]['name'];
export const STAGE_NAMES = STAGES.map(({ name }) => name) as [StageName, ...StageName[]];
const WHOLE: StageName = 'signal_to_filled';

/** A fill can be seen before the acknowledgement; more than this back in time is a clock that was set. */
const EARLY_MAX_MS = 1_000;
/** A stage that lasted longer was measured between two clocks, as in a replay, or across a stop of the bot. */
const STAGE_MAX_MS = 3_600_000;

export interface StageTimes {
  name: StageName;
  meaning: string;
  advice: string;
  /** ms; null: measured in no trade */
  percentiles: Percentiles | null;
}

export interface TradeTimes {
  trade: TradeRow;
  /** ms; null: not measured, or not to be measured */
  stages: Record<StageName, number | null>;
  /** null while the entry is not filled */
  slowestStage: StageName | null;
}

export interface ExecutionTimes {
  /** trades that have timings at all */
  measured: number;
  stages: StageTimes[];
  /** by the whole way, the slowest first */
  slowest: TradeTimes[];
}

export function executionTimes(trades: readonly TradeRow[], slowestShown: number): ExecutionTimes {
  const times = trades.flatMap((trade) => (trade.timings === null ? [] : [timesOf(trade, trade.timings)]));
  const stages = STAGES.map(({ name, meaning, advice }) => ({ name, meaning, advice, percentiles: percentilesOf(times.flatMap((one) => one.stages[name] ?? [])) }));
  const whole = times.filter((one) => one.stages[WHOLE] !== null);
  const slowest = whole.sort((one, other) => (other.stages[WHOLE] ?? 0) - (one.stages[WHOLE] ?? 0)).slice(0, slowestShown);
  return { measured: times.length, stages, slowest };
}

function timesOf(trade: TradeRow, timings: TradeTimings): TradeTimes {
  const stages = Object.fromEntries(STAGES.map(({ name, from, to }) => [name, elapsed(from(timings), to(timings))])) as Record<StageName, number | null>;
  const parts = STAGE_NAMES.filter((name) => name !== WHOLE && stages[name] !== null);
  const slowestStage = stages[WHOLE] === null ? null : parts.reduce<StageName | null>((slowest, name) => (slowest === null || (stages[name] ?? 0) > (stages[slowest] ?? 0) ? name : slowest), null);
  return { trade, stages, slowestStage };
}

function elapsed(fromMs: number | null, toMs: number | null): number | null {
  if (fromMs === null || toMs === null) return null;
  const ms = toMs - fromMs;
  return ms < -EARLY_MAX_MS || ms > STAGE_MAX_MS ? null : Math.max(0, ms);
}

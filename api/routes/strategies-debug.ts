/** `GET /api/v1/strategies/debug`: parameters and last evaluation of each strategy, with the values that its conditions saw. */
import { z } from 'zod';
import type { DecisionRow } from '../../core/ports/ledger.js';
import type { StrategyView } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { diagnosisOf, gatherFacts, type GatheredFacts } from '../diagnosis-facts.js';
import { diagnosisOnWire, diagnosisSchema } from '../diagnosis-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';

const conditionSchema = z.object({
  name: z.string(),
  value: z.string().meta({ description: 'what was seen' }),
  wanted: z.string(),
  met: z.boolean(),
}).meta({ id: 'Condition' });

const strategySchema = z.object({
  name: z.string(),
  enabled: z.boolean(),
  enabled_by: z.enum(['configuration', 'operator']),
  symbol: z.string(),
  interval: z.string().meta({ description: 'minutes, or D' }),
  parameters: z.record(z.string(), z.unknown()).nullable().meta({ description: 'as accepted; null: not known now' }),
  last_evaluated_candle: instant.nullable().meta({ description: 'close of the newest candle it was evaluated on, trading time' }),
  signal: z.string().meta({ description: 'enter, exit, hold, problem; none before the first evaluation' }),
  verdict: z.string().meta({ description: 'what became of the signal, in plain words' }),
  code: z.int().nullable().meta({ description: 'catalogue code of the refusal or the problem' }),
  conditions: z.array(conditionSchema),
  failed_conditions: z.array(z.string()),
  open_trade: z.string().nullable().meta({ description: 'id of the trade it holds' }),
  problem: z.object({ code: z.int(), message: z.string() }).nullable().meta({ description: 'why it could not be evaluated' }),
}).meta({ id: 'StrategyDebug' });

export const strategiesDebugSchema = z.object({
  ...provenance,
  diagnosis: diagnosisSchema,
  count: z.int(),
  strategies: z.array(strategySchema),
}).meta({ id: 'StrategiesDebug' });

export function strategiesDebugRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/strategies/debug', summary: 'Parameters, last evaluation and conditions of each strategy', role: 'viewer',
    query: NOTHING, body: NOTHING, reply: strategiesDebugSchema, statuses: { 200: 'The strategies' },
    handle: async ({ caller }) => {
      const facts = await gatherFacts(dependencies);
      const strategies = strategiesOf(facts);
      const decidedMs = facts.status?.decidedThroughMs ?? facts.decision?.decidedThroughMs ?? 0;
      return {
        status: 200,
        body: {
          as_of: isoOrNull(decidedMs) ?? iso(dependencies.clock()), source: facts.strategies === null ? 'ledger' as const : 'workflow' as const,
          diagnosis: diagnosisOnWire(diagnosisOf(facts, caller.origin), ['strategy_failed', 'strategy_disabled', 'position_open', 'conditions_not_met']),
          count: strategies.length, strategies,
        },
      };
    },
  });
}

/** From the workflow; while that does not answer, or has not decided yet, from the accepted configuration. */
function strategiesOf({ strategies, configured, status, decision }: GatheredFacts): z.output<typeof strategySchema>[] {
  const views = strategies === null || strategies.length === 0 ? configured.map(unevaluated) : strategies;
  return views.map((view) => ({
    name: view.name, enabled: view.enabled, enabled_by: view.enabledBy, symbol: view.symbol, interval: view.interval,
    parameters: configured.find(({ name }) => name === view.name)?.parameters ?? null,
    last_evaluated_candle: isoOrNull(view.lastEvaluatedMs), signal: view.lastSignal, verdict: view.verdict,
    code: view.problem?.code ?? codeOf(view, decision),
    conditions: view.conditions, failed_conditions: view.conditions.filter(({ met }) => !met).map(({ name }) => name),
    open_trade: status?.openTrades.find(({ strategy }) => strategy === view.name)?.tradeId ?? null,
    problem: view.problem,
  }));
}

function unevaluated({ name, enabled, symbol, interval }: GatheredFacts['configured'][number]): StrategyView {
  return { name, enabled, enabledBy: 'configuration', problem: null, symbol, interval, lastEvaluatedMs: 0, lastSignal: 'none', verdict: 'not evaluated yet', conditions: [] };
}

const evaluationSchema = z.object({ strategy: z.string(), message: z.string(), code: z.int().nullable() });

/** The bot's view has the words of the verdict; its code stands in the recorded decision. */
function codeOf({ name, verdict, lastEvaluatedMs }: StrategyView, decision: DecisionRow | null): number | null {
  if (decision === null || decision.decidedThroughMs !== lastEvaluatedMs) return null;
  for (const evaluation of decision.evaluations) {
    const read = evaluationSchema.safeParse(evaluation);
    if (read.success && read.data.strategy === name && read.data.message === verdict) return read.data.code;
  }
  return null;
}

/** `GET /api/v1/risk/debug`: for each strategy, why it may or may not enter now, with the numbers and what to do. */
import { z } from 'zod';
import type { RiskView } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { diagnosisOf, gatherFacts } from '../diagnosis-facts.js';
import { diagnosisOnWire, diagnosisSchema } from '../diagnosis-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, isoOrNull, provenance } from '../wire.js';

const gateSchema = z.object({
  rule: z.string(),
  passes: z.boolean(),
  code: z.int().nullable(),
  message: z.string().meta({ description: 'the numbers that were compared' }),
  remedy: z.string().nullable(),
}).meta({ id: 'Gate' });

const strategySchema = z.object({
  strategy: z.string(),
  symbol: z.string(),
  enabled: z.boolean(),
  may_trade: z.boolean().meta({ description: 'every gate passes: the next entry signal would be sized and sent' }),
  closed_gates: z.array(z.string()),
  gates: z.array(gateSchema),
}).meta({ id: 'StrategyGates' });

export const riskDebugSchema = z.object({
  ...provenance,
  diagnosis: diagnosisSchema,
  risk: z.object({
    equity: decimalText.nullable(),
    day_pnl: decimalText.nullable(),
    day_loss_budget: decimalText.nullable(),
    daily_loss_limit_hit: z.boolean(),
    resets_at: instant.nullable(),
    drawdown_percent: decimalText.nullable(),
    max_drawdown_hit: z.boolean(),
    open_positions: z.int(),
    max_positions: z.int(),
    total_exposure: decimalText,
    exposure_cap: decimalText.nullable(),
    cooldown_until: z.record(z.string(), instant).meta({ description: 'by symbol, trading time' }),
    halt: z.object({ halt_id: z.string(), at: instant, reason: z.string() }).nullable(),
    limits: z.record(z.string(), z.unknown()).meta({ description: 'with the unit in each name' }),
  }).nullable().meta({ description: 'null: the bot does not answer; diagnosis says why' }),
  strategies: z.array(strategySchema).nullable(),
}).meta({ id: 'RiskDebug' });

export function riskDebugRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/risk/debug', summary: 'Why each strategy may or may not enter now', role: 'viewer',
    query: NOTHING, body: NOTHING, reply: riskDebugSchema, statuses: { 200: 'The gates, and what closes them' },
    handle: async ({ caller }) => {
      const facts = await gatherFacts(dependencies);
      const { risk } = facts;
      return {
        status: 200,
        body: {
          as_of: iso(risk === null || risk.asOfMs === 0 ? dependencies.clock() : risk.asOfMs), source: risk === null ? 'api' as const : 'workflow' as const,
          diagnosis: diagnosisOnWire(diagnosisOf(facts, caller.origin), ['risk_limits', 'insufficient_balance', 'halted', 'position_open']),
          risk: risk === null ? null : stateOf(risk),
          strategies: risk === null ? null : risk.strategies.map(({ strategy, symbol, enabled, mayTrade, gates }) => (
            { strategy, symbol, enabled, may_trade: mayTrade, closed_gates: gates.filter(({ passes }) => !passes).map(({ rule }) => rule), gates }
          )),
        },
      };
    },
  });
}

function stateOf(risk: RiskView): NonNullable<z.output<typeof riskDebugSchema>['risk']> {
  return {
    equity: risk.equity ?? null, day_pnl: risk.dayPnl ?? null, day_loss_budget: risk.dayLossBudget ?? null, daily_loss_limit_hit: risk.dailyLossLimitHit,
    resets_at: isoOrNull(risk.resetsAtMs), drawdown_percent: risk.drawdownPercent ?? null, max_drawdown_hit: risk.maxDrawdownHit,
    open_positions: risk.openPositions, max_positions: risk.maxPositions, total_exposure: risk.totalExposure, exposure_cap: risk.exposureCap ?? null,
    cooldown_until: Object.fromEntries(Object.entries(risk.cooldownUntilMs).map(([symbol, ms]) => [symbol, iso(ms)])),
    halt: risk.halt === null ? null : { halt_id: risk.halt.haltId, at: iso(risk.halt.atMs), reason: risk.halt.reason },
    limits: { ...risk.limits },
  };
}

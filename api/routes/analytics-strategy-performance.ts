/** `GET /api/v1/analytics/strategy-performance`: how each strategy, all of them and the account did over a span, by a named definition. */
import { z } from 'zod';
import { formulasOf } from '../../core/analytics/formulas.js';
import { accountOnWire, accountSchema, performanceOnWire, performanceSchema } from '../analytics-figures.js';
import { judge, type Judgement } from '../analytics-judgement.js';
import { marketNow, spanQuery } from '../analytics-span.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { formulasOnWire, formulasSchema } from '../figure-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, provenance } from '../wire.js';

const definition = z.enum(['textbook', 'freqtrade']);

const query = z.strictObject({
  ...spanQuery,
  definition: definition.default('textbook').meta({ description: 'textbook or freqtrade' }),
});

export const strategyPerformanceSchema = z.object({
  ...provenance,
  definition,
  since: instant,
  until: instant,
  period: z.object({ start: instant, end: instant }).meta({ description: 'what rates are counted over: since, or the first reading of the account when that is later' }),
  opening_equity: decimalText.nullable().meta({ description: 'USDT on the account at the start of the period' }),
  account: accountSchema,
  total: performanceSchema.meta({ description: 'all strategies together' }),
  strategies: z.array(performanceSchema).meta({ description: 'by name: those of the configuration, and those that closed trades in the span' }),
  formulas: formulasSchema,
}).meta({ id: 'StrategyPerformance' });

export function strategyPerformanceRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/analytics/strategy-performance', summary: 'Performance of each strategy and of the account', role: 'viewer',
    query, body: NOTHING, reply: strategyPerformanceSchema, statuses: { 200: 'The performance; what is not defined is null with the reason' },
    handle: async ({ query: { since, until, definition: wanted } }) => {
      const ledger = await open();
      const now = await marketNow(ledger, clock);
      return { status: 200, body: onTheWire(await judge(ledger, { since, until, definition: wanted, now })) };
    },
  });
}

function onTheWire(judged: Judgement): z.output<typeof strategyPerformanceSchema> {
  return {
    as_of: iso(judged.asOfMs),
    source: 'ledger',
    definition: judged.definition,
    since: iso(judged.sinceMs),
    until: iso(judged.untilMs),
    period: { start: iso(judged.startMs), end: iso(judged.endMs) },
    opening_equity: judged.openingEquity,
    account: accountOnWire(judged.account),
    total: performanceOnWire(judged.total),
    strategies: judged.strategies.map(performanceOnWire),
    formulas: formulasOnWire(formulasOf(judged.definition)),
  };
}

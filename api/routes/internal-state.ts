/** `GET /api/v1/debug/internal-state`: the state of the bot's workflow as it is, its run, and the whole diagnosis. */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { diagnosisOf, gatherFacts } from '../diagnosis-facts.js';
import { diagnosisOnWire, diagnosisSchema } from '../diagnosis-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { watchOf, watchSchema } from '../watch.js';
import { instant, iso, provenance } from '../wire.js';

export const internalStateSchema = z.object({
  ...provenance,
  diagnosis: diagnosisSchema,
  workflow: z.object({
    ...watchSchema.shape,
    run_id: z.string(),
    status: z.string(),
    started_at: instant.meta({ description: 'of this run; the bot continues as new now and then' }),
    history_length: z.int().meta({ description: 'events' }),
  }).nullable().meta({ description: 'null: Temporal does not answer, or knows no bot' }),
  state: z.record(z.string(), z.unknown()).nullable().meta({ description: 'as the workflow carries it, secrets blanked out; null: the workflow does not answer' }),
}).meta({ id: 'InternalState' });

export function internalStateRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/debug/internal-state', summary: 'State of the bot workflow, and why the bot does not trade', role: 'viewer',
    query: NOTHING, body: NOTHING, reply: internalStateSchema, statuses: { 200: 'The state' },
    handle: async ({ caller }) => {
      const [facts, workflow] = await Promise.all([gatherFacts(dependencies), runOf(dependencies)]);
      const state = facts.internalState === null ? null : asRecord(dependencies.redact.value(facts.internalState));
      return {
        status: 200,
        body: { as_of: iso(dependencies.clock()), source: state === null ? 'api' as const : 'workflow' as const, diagnosis: diagnosisOnWire(diagnosisOf(facts, caller.origin)), workflow, state },
      };
    },
  });
}

async function runOf({ workflows, bot }: ApiDependencies): Promise<z.output<typeof internalStateSchema>['workflow']> {
  try {
    const facts = await workflows.describe(bot.workflowId);
    if (facts === null) return null;
    const { runId, status, startedMs, historyLength } = facts;
    return { ...watchOf(workflows.links(bot.workflowId)), run_id: runId, status: status.toLowerCase(), started_at: iso(startedMs), history_length: historyLength };
  } catch (error) {
    // the diagnosis of the same reply says what is away
    if (!isBotError(error)) throw error;
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? { ...value } : null;
}

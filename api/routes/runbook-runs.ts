/**
 * `GET /api/v1/runbooks/runs`, `/runs/{id}` and `POST /runs/{id}/cancel`: what runs and what ran. The run's own word counts
 * while it can be had; the ledger's record serves when it cannot.
 */
import { z } from 'zod';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import { RUNBOOK_NAMES } from '../../core/runbooks/runbook.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { RefusedRequest } from '../problem.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import type { RunIds } from '../runbook-desk.js';
import { liveRun, recordedRun, runSchema, scrubbedRun, type RunOnTheWire } from '../runbook-schema.js';
import { watchOfRun } from '../runbook-watch.js';
import { watchSchema } from '../watch.js';
import { iso, provenance } from '../wire.js';

const LIMIT_MAX = 200;

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(20).meta({ description: `a whole number from 1 to ${LIMIT_MAX}` }),
  runbook: z.enum(RUNBOOK_NAMES).optional().meta({ description: 'name of a runbook' }),
});

const params = z.strictObject({ id: z.string().regex(/^[\w.-]{1,200}$/).meta({ description: 'run id, or workflow id for its newest run: 1 to 200 characters of A-Z, a-z, 0-9, _ . and -' }) });

const runsSchema = z.object({
  ...provenance,
  complete: z.boolean().meta({ description: 'false while the ledger is away: then only what runs now is listed' }),
  runs: z.array(runSchema).meta({ description: 'newest first' }),
}).meta({ id: 'RunbookRuns' });

const cancelledSchema = z.object({
  ...commandProvenance,
  workflow_id: z.string(),
  run_id: z.string(),
  detail: z.string(),
  watch: z.array(watchSchema),
}).meta({ id: 'RunbookCancelled' });

export function runsRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/runbooks/runs', summary: 'The newest runs of runbooks', role: 'viewer', query, body: NOTHING,
    reply: runsSchema,
    statuses: { 200: 'The runs' },
    handle: async ({ query: wanted }) => {
      const body = await recentRuns(wanted, dependencies);
      return { status: 200, body: { ...body, runs: body.runs.map((run) => scrubbedRun(run, (text) => dependencies.redact.text(text))) } };
    },
  });
}

export function runRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/runbooks/runs/{id}', summary: 'One run with its steps: live while it runs, else its record', role: 'viewer', params, query: NOTHING, body: NOTHING,
    reply: runSchema,
    statuses: { 200: 'The run' },
    handle: async ({ params: { id } }) => ({ status: 200, body: scrubbedRun(await oneRun(id, dependencies), (text) => dependencies.redact.text(text)) }),
  });
}

export function cancelRunRoute(dependencies: ApiDependencies): Route {
  return defineCommand({
    path: '/api/v1/runbooks/runs/{id}/cancel', summary: 'End a run at its next safe point; what was begun is taken back where that is possible', role: 'operator', params, body: NOTHING,
    reply: cancelledSchema,
    statuses: { 202: 'It ends at the next safe point' },
    what: 'runbook.cancel',
    source: 'workflow',
    run: async ({ params: { id }, actor, reason }) => {
      const ids = await dependencies.runbooks.find(id);
      if (ids === null) throw unknown(id);
      const { state } = await dependencies.runbooks.status(ids);
      if (state !== 'running') throw new RefusedRequest(409, `that run has ended already: ${state}`, { fix: `GET /api/v1/runbooks/runs/${ids.runId} says how`, retryable: false });
      await dependencies.runbooks.cancel(ids, { actor, reason });
      return {
        status: 202,
        body: { workflow_id: ids.workflowId, run_id: ids.runId, detail: 'it ends at the next safe point', watch: watchOfRun(ids, dependencies.workflows) },
        outcome: `to be cancelled: ${ids.workflowId} ${ids.runId}`,
      };
    },
  }, dependencies);
}

async function recentRuns(wanted: z.output<typeof query>, dependencies: ApiDependencies): Promise<z.output<typeof runsSchema>> {
  const { ledger, clock, workflows } = dependencies;
  const watch = (ids: RunIds) => watchOfRun(ids, workflows);
  const filter = { limit: wanted.limit, ...(wanted.runbook === undefined ? {} : { runbook: wanted.runbook }) };
  try {
    const runs = await (await ledger()).runs(filter);
    return { as_of: iso(clock()), source: 'ledger', complete: true, runs: runs.map((run) => recordedRun(run, watch)) };
  } catch (error) {
    if (!isBotError(error)) throw error;
    const running = await Promise.all((await dependencies.runbooks.running()).map((ids) => live(ids, dependencies)));
    const runs = running.filter(({ runbook }) => wanted.runbook === undefined || runbook === wanted.runbook).slice(0, wanted.limit);
    return { as_of: iso(clock()), source: 'workflow', complete: false, runs };
  }
}

async function live(ids: RunIds, { runbooks, clock, workflows }: ApiDependencies): Promise<RunOnTheWire> {
  return liveRun(ids, await runbooks.status(ids), { nowMs: clock(), watch: (found) => watchOfRun(found, workflows) });
}

/** Temporal is asked first; what it has forgotten, or cannot tell now, the ledger may know. */
async function oneRun(id: string, dependencies: ApiDependencies): Promise<RunOnTheWire> {
  let failure: BotError | undefined;
  try {
    const ids = await dependencies.runbooks.find(id);
    if (ids !== null) return await live(ids, dependencies);
  } catch (error) {
    if (!isBotError(error)) throw error;
    failure = error;
  }
  const record = await (await dependencies.ledger()).run(id);
  if (record !== null) return recordedRun(record, (ids) => watchOfRun(ids, dependencies.workflows));
  throw failure ?? unknown(id);
}

function unknown(id: string): RefusedRequest {
  return new RefusedRequest(404, `there is no run ${id}`, { fix: 'GET /api/v1/runbooks/runs lists them' });
}

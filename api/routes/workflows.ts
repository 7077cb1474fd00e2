/** `GET /api/v1/workflows/{id}`: how a trade or a runbook is getting on; trades also from the ledger while Temporal is away. */
import { z } from 'zod';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import { tradeWorkflowId } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { RefusedRequest } from '../problem.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { watchOf, watchSchema } from '../watch.js';
import { instant, iso, isoOrNull, provenance } from '../wire.js';
import type { WorkflowFacts } from '../workflow-desk.js';

const params = z.strictObject({ id: z.string().regex(/^[\w.:-]{1,200}$/).meta({ description: '1 to 200 characters of A-Z, a-z, 0-9, _ . : and -' }) });

export const workflowSchema = z.object({
  ...provenance,
  ...watchSchema.shape,
  run_id: z.string().nullable(),
  type: z.string(),
  status: z.string().meta({ description: 'running, completed, failed …; from the ledger: the state of the trade' }),
  started_at: instant.nullable(),
  closed_at: instant.nullable(),
  history_length: z.int().nullable(),
  progress: z.record(z.string(), z.unknown()).nullable().meta({ description: "the workflow's own word: steps of a runbook, state of a trade" }),
  progress_missing_because: z.string().nullable(),
}).meta({ id: 'Workflow' });

type Reported = z.output<typeof workflowSchema>;

export function workflowRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/workflows/{id}',
    summary: 'Status and progress of a workflow',
    role: 'viewer',
    params,
    query: NOTHING,
    body: NOTHING,
    reply: workflowSchema,
    statuses: { 200: 'The workflow' },
    handle: async ({ params: { id } }) => ({ status: 200, body: await report(id, dependencies) }),
  });
}

async function report(id: string, dependencies: ApiDependencies): Promise<Reported> {
  let facts: WorkflowFacts | null;
  try {
    facts = await dependencies.workflows.describe(id);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return fromLedger(id, error, dependencies);
  }
  if (facts === null) throw new RefusedRequest(404, `there is no workflow ${id}`, { fix: 'bot/status lists the open trades; a finished workflow is kept for 30 days' });
  const { workflows, clock } = dependencies;
  return {
    as_of: iso(clock()), source: 'workflow', ...watchOf(workflows.links(id)),
    run_id: facts.runId, type: facts.type, status: facts.status.toLowerCase(),
    started_at: iso(facts.startedMs), closed_at: isoOrNull(facts.closedMs), history_length: facts.historyLength,
    ...(await progressOf(facts, dependencies)),
  };
}

async function progressOf(facts: WorkflowFacts, { workflows, redact }: ApiDependencies): Promise<Pick<Reported, 'progress' | 'progress_missing_because'>> {
  try {
    const progress = redact.value(await workflows.progress(facts));
    const isObject = typeof progress === 'object' && progress !== null;
    return { progress: isObject ? { ...progress } : null, progress_missing_because: isObject ? null : 'this workflow has nothing to tell' };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { progress: null, progress_missing_because: error.message };
  }
}

const TRADE_PREFIX = tradeWorkflowId('');

async function fromLedger(id: string, failure: BotError, { ledger, workflows }: ApiDependencies): Promise<Reported> {
  const trade = id.startsWith(TRADE_PREFIX) ? await (await ledger()).trade(id.slice(TRADE_PREFIX.length)) : null;
  if (trade === null) throw failure;
  return {
    as_of: iso(trade.closedMs ?? trade.openedMs ?? trade.decidedMs), source: 'ledger', ...watchOf(workflows.links(id)),
    run_id: null, type: 'trade', status: trade.state, started_at: iso(trade.decidedMs), closed_at: isoOrNull(trade.closedMs), history_length: null,
    progress: { ...trade }, progress_missing_because: null,
  };
}

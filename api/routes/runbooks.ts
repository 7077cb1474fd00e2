/** `GET /api/v1/runbooks`, and for each of them: plan it, run it. */
import { z } from 'zod';
import { needsNoParams, paramsSchema } from '../../core/runbooks/params.js';
import { RUNBOOK_NAMES, runbookDefinition, type RunbookName, type RunbookParams } from '../../core/runbooks/runbook.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { RefusedRequest } from '../problem.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { planOnTheWire, planSchema } from '../runbook-schema.js';
import { watchOfRun } from '../runbook-watch.js';
import { watchSchema } from '../watch.js';
import { iso, provenance } from '../wire.js';

const listSchema = z.object({
  ...provenance,
  runbooks: z.array(z.object({
    name: z.string(),
    title: z.string(),
    destructive: z.boolean(),
    role: z.enum(['operator', 'admin']).meta({ description: 'least role that may run it' }),
    steps: z.array(z.string()),
    params: z.array(z.object({ name: z.string(), required: z.boolean(), description: z.string() })),
  })),
}).meta({ id: 'Runbooks' });

const startedSchema = z.object({
  ...commandProvenance,
  workflow_id: z.string(),
  run_id: z.string(),
  attached: z.boolean().meta({ description: 'it ran already, with these parameters: nothing was started' }),
  watch: z.array(watchSchema),
}).meta({ id: 'RunbookStarted' });

export function runbookRoutes(dependencies: ApiDependencies): Route[] {
  return [listRoute(dependencies), ...RUNBOOK_NAMES.flatMap((name) => [...planRoutes(name, dependencies), runRoute(name, dependencies)])];
}

function listRoute({ clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/runbooks', summary: 'The runbooks with their steps and parameters', role: 'viewer', query: NOTHING, body: NOTHING,
    reply: listSchema,
    statuses: { 200: 'The runbooks' },
    handle: () => {
      const body: z.output<typeof listSchema> = { as_of: iso(clock()), source: 'api', runbooks: RUNBOOK_NAMES.map(described) };
      return Promise.resolve({ status: 200, body });
    },
  });
}

function described(name: RunbookName): z.output<typeof listSchema>['runbooks'][number] {
  const { title, destructive, steps } = runbookDefinition(name);
  const params = Object.entries(paramsSchema(name).shape).map(([param, schema]) => {
    const type = schema as z.ZodType;
    return { name: param, required: !type.safeParse(undefined).success, description: type.description ?? '' };
  });
  return { name, title, destructive, role: roleOf(name), steps: [...steps], params };
}

function roleOf(name: RunbookName): 'operator' | 'admin' {
  return runbookDefinition(name).destructive ? 'admin' : 'operator';
}

function bodyOf(name: RunbookName) {
  const params = paramsSchema(name);
  return z.strictObject({ params: (needsNoParams(name) ? params.prefault({}) : params).meta({ description: 'the parameters of the runbook, an object' }) });
}

function planRoutes(name: RunbookName, { runbooks }: ApiDependencies): Route[] {
  const common = {
    path: `/api/v1/runbooks/${name}/plan`, summary: `What would be done: ${runbookDefinition(name).title}`, role: 'viewer', query: NOTHING,
    reply: planSchema, statuses: { 200: 'The plan; nothing was done' },
  } as const;
  const answer = async (params: unknown) => ({ status: 200, body: planOnTheWire(await runbooks.plan({ runbook: name, params: params as RunbookParams[RunbookName] })) });
  const post = defineRoute({ ...common, method: 'post', body: bodyOf(name), handle: ({ body }) => answer(body.params) });
  if (!needsNoParams(name)) return [post];
  return [post, defineRoute({ ...common, method: 'get', body: NOTHING, query: NOTHING, handle: () => answer(paramsSchema(name).parse({})) })];
}

function runRoute(name: RunbookName, dependencies: ApiDependencies): Route {
  const { title, destructive } = runbookDefinition(name);
  const planId = z.string().max(100).optional().meta({ description: 'plan_id of the plan that was looked at; needed when it is destructive' });
  return defineCommand({
    path: `/api/v1/runbooks/${name}`,
    summary: title,
    role: roleOf(name),
    body: bodyOf(name).extend({ plan_id: planId }),
    reply: startedSchema,
    statuses: { 202: 'Under way: watch says where' },
    what: `runbook.${name}`,
    source: 'workflow',
    run: async ({ body, requestId, actor, reason }) => {
      const sent = body as { params: RunbookParams[RunbookName]; plan_id?: string };
      if (destructive) demandConfirmation({ name, planId: sent.plan_id, reason });
      const started = await dependencies.runbooks.start(name, { params: sent.params, planId: sent.plan_id ?? null, reason, actor, requestId });
      const { workflowId, runId, attached } = started;
      return {
        status: 202,
        body: { workflow_id: workflowId, run_id: runId, attached, watch: watchOfRun(started, dependencies.workflows) },
        outcome: attached ? `attached to ${workflowId} ${runId}` : `started ${workflowId} ${runId}`,
      };
    },
  }, dependencies);
}

/** The run itself judges the plan; what is missing altogether is said at once. */
function demandConfirmation({ name, planId, reason }: { name: RunbookName; planId: string | undefined; reason: string }): void {
  const fields = [
    ...(planId === undefined ? [{ field: 'plan_id', problem: 'is missing', fix: `POST /api/v1/runbooks/${name}/plan, look at it, and give its plan_id` }] : []),
    ...(reason.trim() === '' ? [{ field: 'reason', problem: 'is missing', fix: 'say why, for the record' }] : []),
  ];
  if (fields.length > 0) throw new RefusedRequest(409, `${name} has to be confirmed: ${fields.map(({ field, problem }) => `${field} ${problem}`).join(', ')}`, { fix: fields.map(({ fix }) => fix).join('; '), fields });
}

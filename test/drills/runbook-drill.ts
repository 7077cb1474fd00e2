/** Runbooks on a whole stack, disturbed in the middle: starts one over the API, waits for a step, kills, watches until the end. */
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import type { RunbookName } from '../../core/runbooks/runbook.js';
import type { RunningStack } from '../../embedded/stack.js';
import { eventually } from './free-run.js';

export interface DrilledRun {
  runId: string;
  /** at its end, also over a Temporal or a database that was away for a while */
  ended(limitMs?: number): Promise<RunOnTheWire>;
  /** Resolves when the step has begun. Rejects when the run ends without it. */
  reached(step: string): Promise<RunOnTheWire>;
}

export async function post<T>(stack: RunningStack, path: string, body: object): Promise<{ status: number; json: T }> {
  const reply = await fetch(`${stack.apiUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: reply.status, json: (await reply.json()) as T };
}

export async function startRun(stack: RunningStack, name: string, body: object): Promise<DrilledRun> {
  let runId = '';
  await eventually(`${name} is started`, async () => {
    const { status, json } = await post<{ run_id: string }>(stack, `/api/v1/runbooks/${name}`, body);
    runId = json.run_id;
    return status === 202;
  });
  return followRun(stack, runId);
}

/** Rejects when the plan refuses. */
export async function planId(stack: RunningStack, { runbook, params }: { runbook: RunbookName; params: object }): Promise<string> {
  const { json } = await post<{ plan_id: string; refusals: string[] }>(stack, `/api/v1/runbooks/${runbook}/plan`, { params });
  if (json.refusals.length > 0) throw new Error(`the plan refuses: ${json.refusals.join('; ')}`);
  return json.plan_id;
}

export async function destructiveRun(stack: RunningStack, runbook: RunbookName, params: object): Promise<DrilledRun> {
  return startRun(stack, runbook, { params, plan_id: await planId(stack, { runbook, params }), reason: 'drill' });
}

export function followRun(stack: RunningStack, runId: string): DrilledRun {
  const until = async (what: string, holds: (run: RunOnTheWire) => boolean, limitMs?: number): Promise<RunOnTheWire> => {
    let run: RunOnTheWire | undefined;
    await eventually(what, async () => {
      const reply = await fetch(`${stack.apiUrl}/api/v1/runbooks/runs/${runId}`);
      if (!reply.ok) return false;
      run = (await reply.json()) as RunOnTheWire;
      return holds(run);
    }, limitMs);
    if (run === undefined) throw new Error(`nothing was told of ${runId}`);
    return run;
  };
  return {
    runId,
    ended: (limitMs = 180_000) => until(`run ${runId} ends`, ({ state }) => state !== 'running', limitMs),
    reached: async (step) => {
      const begun = ({ steps }: RunOnTheWire): boolean => (steps.find(({ name }) => name === step)?.state ?? 'pending') !== 'pending';
      const run = await until(`run ${runId} reaches "${step}"`, (each) => begun(each) || each.state !== 'running');
      if (!begun(run)) throw new Error(`run ${runId} ended as ${run.state} before "${step}": ${run.outcome ?? ''}`);
      return run;
    },
  };
}

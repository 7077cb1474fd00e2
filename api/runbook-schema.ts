/** Plans and runs on the wire. */
import { z } from 'zod';
import { CATALOGUE } from '../core/errors/catalogue.js';
import type { RunbookPlan } from '../core/runbooks/plan.js';
import type { RunbookRun, RunbookStep } from '../core/runbooks/run.js';
import type { RunStatus } from '../workflows/runbook-messages.js';
import type { RunIds } from './runbook-desk.js';
import { watchSchema, type Watch } from './watch.js';
import { instant, iso, isoOrNull, provenance } from './wire.js';

const json = z.unknown().meta({ description: 'JSON' });
const lines = z.array(z.string());

export const planSchema = z.object({
  ...provenance,
  runbook: z.string(),
  params: json,
  plan_id: z.string().meta({ description: 'confirms this very plan; counts for ten minutes and as long as it stays true' }),
  destructive: z.boolean().meta({ description: 'runs only with plan_id and reason' }),
  targets: lines,
  effects: lines,
  warnings: lines,
  refusals: lines.meta({ description: 'not empty: it cannot run now' }),
  estimated_seconds: z.number().nullable().meta({ description: 'median of earlier runs; null: it never ran to its end' }),
}).meta({ id: 'RunbookPlan' });

export const runSchema = z.object({
  ...provenance,
  workflow_id: z.string(),
  run_id: z.string(),
  runbook: z.string(),
  params: json,
  plan_id: z.string().nullable(),
  reason: z.string(),
  actor: z.string(),
  state: z.enum(['running', 'completed', 'failed', 'cancelled', 'refused']),
  outcome: z.string().nullable().meta({ description: 'plain words; null while it runs' }),
  code: z.int().refine((code) => code in CATALOGUE).nullable().meta({ description: 'of a failure: code of the error catalogue' }),
  steps: z.array(z.object({
    name: z.string(),
    state: z.enum(['pending', 'running', 'done', 'failed']),
    started_at: instant.nullable(),
    ended_at: instant.nullable(),
    attempt: z.int(),
    result: z.string().nullable(),
  })),
  remaining: lines.meta({ description: 'what a person has to do now' }),
  figures: z.record(z.string(), z.unknown()),
  started_at: instant,
  ended_at: instant.nullable(),
  to_be_cancelled: z.string().nullable().meta({ description: 'who asked to cancel it, and why; it ends at the next safe point' }),
  watch: z.array(watchSchema),
}).meta({ id: 'RunbookRun' });

export type PlanOnTheWire = z.output<typeof planSchema>;
export type RunOnTheWire = z.output<typeof runSchema>;

export function planOnTheWire({ asOfMs, planId, estimatedSeconds, ...plan }: RunbookPlan): PlanOnTheWire {
  return { as_of: iso(asOfMs), source: 'workflow', ...plan, plan_id: planId, estimated_seconds: estimatedSeconds };
}

type Watched = (ids: RunIds) => Watch[];

/** Results are words of foreign systems, too: `text` takes known secrets out of them. */
export function scrubbedRun(run: RunOnTheWire, text: (text: string) => string): RunOnTheWire {
  const orNull = (words: string | null): string | null => (words === null ? null : text(words));
  return { ...run, outcome: orNull(run.outcome), remaining: run.remaining.map(text), steps: run.steps.map((step) => ({ ...step, result: orNull(step.result) })) };
}

/** The run's own word, now. */
export function liveRun(ids: RunIds, status: RunStatus, { nowMs, watch }: { nowMs: number; watch: Watched }): RunOnTheWire {
  const { cancel, outcome, code, remaining, figures } = status;
  return {
    as_of: iso(nowMs), source: 'workflow', ...common(ids, status), outcome, code, remaining, figures,
    to_be_cancelled: cancel === null ? null : `${cancel.actor}: ${cancel.reason}`, watch: watch(ids),
  };
}

/** The run as it was recorded last. */
export function recordedRun(run: RunbookRun, watch: Watched): RunOnTheWire {
  const { result } = run;
  return {
    as_of: iso(run.endedMs ?? newest(run.steps) ?? run.startedMs), source: 'ledger', ...common(run, run), outcome: result?.outcome ?? null, code: result?.code ?? null,
    remaining: result?.remaining ?? [], figures: result?.figures ?? {}, to_be_cancelled: null, watch: watch(run),
  };
}

type Common = Pick<RunbookRun, 'runbook' | 'params' | 'planId' | 'reason' | 'actor' | 'state' | 'steps' | 'startedMs' | 'endedMs'>;

function common({ workflowId, runId }: RunIds, { runbook, params, planId, reason, actor, state, steps, startedMs, endedMs }: Common) {
  return {
    workflow_id: workflowId, run_id: runId, runbook, params, plan_id: planId, reason, actor, state, steps: steps.map(stepOnTheWire),
    started_at: iso(startedMs), ended_at: isoOrNull(endedMs),
  };
}

function stepOnTheWire({ name, state, startedMs, endedMs, attempt, result }: RunbookStep): RunOnTheWire['steps'][number] {
  return { name, state, started_at: isoOrNull(startedMs), ended_at: isoOrNull(endedMs), attempt, result };
}

function newest(steps: readonly RunbookStep[]): number | null {
  const instants = steps.flatMap(({ startedMs, endedMs }) => [startedMs ?? 0, endedMs ?? 0]).filter((ms) => ms > 0);
  return instants.length === 0 ? null : Math.max(...instants);
}

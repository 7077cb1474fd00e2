/**
 * What a runbook would do, before it does it. A plan changes nothing; it names what it found, and its id is made of that, so
 * a confirmation counts for the world that was looked at and for no other.
 *
 * Invariants
 * 1. A plan with refusals does not run.
 * 2. A destructive runbook runs only with a reason and the id of a plan that is younger than `PLAN_AGE_MS_MAX` and still true.
 */
import type { RunbookDefinition } from './definition.js';

export const PLAN_AGE_MS_MAX = 600_000;

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a planner finds; only reading. */
export interface PlanFindings {
  /** what is touched: a service, a database, a file */
  targets: string[];
  /** what will be done to it, in plain words */
  effects: string[];
  /** worth knowing before confirming; hinders nothing */
  warnings: string[];
  /** why it cannot run now, each with what to do about it */
  refusals: string[];
  /** the facts that the confirmation is about; nothing that changes while nothing happens, such as an instant or an age */
  found: Json;
}

export interface RunbookPlan extends Omit<PlanFindings, 'found'> {
  runbook: string;
  params: Json;
  /** `<ms of the plan in base 36>-<digest over runbook, parameters and what was found>` */
  planId: string;
  /** host ms */
  asOfMs: number;
  /** median of the newest completed runs; null: never ran to its end */
  estimatedSeconds: number | null;
  destructive: boolean;
}

const RADIX = 36;

export function planIdFrom({ asOfMs, digest }: { asOfMs: number; digest: string }): string {
  return `${asOfMs.toString(RADIX)}-${digest}`;
}

/** undefined: not the id of a plan */
export function readPlanId(planId: string): { asOfMs: number; digest: string } | undefined {
  const match = /^([0-9a-z]{1,11})-([0-9a-f]{64})$/.exec(planId);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { asOfMs: Number.parseInt(match[1], RADIX), digest: match[2] };
}

/** The text that the digest is taken of: the same for equal values, whatever the order of their fields. */
export function planSubject(subject: { runbook: string; params: Json; found: Json }): string {
  return JSON.stringify(subject, (_name, value: unknown) => (isPlainObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));
}

export interface Confirmation {
  /** of the plan that was looked at; null: none was */
  planId: string | null;
  reason: string;
}

/** Why it may not run: the plan's own refusals, and what the confirmation lacks. Empty: it may. `plan` is made anew for the run. */
export function refusalsOf(plan: RunbookPlan, { planId, reason }: Confirmation): string[] {
  return plan.destructive ? [...plan.refusals, ...confirmationLacks(plan, { planId, reason })] : plan.refusals;
}

function confirmationLacks(plan: RunbookPlan, { planId, reason }: Confirmation): string[] {
  const lacks = reason.trim() === '' ? ['a reason is needed: give one'] : [];
  if (planId === null) return [...lacks, 'the plan has to be looked at first: ask for it, and start with its plan_id'];
  const seen = readPlanId(planId);
  if (seen === undefined) return [...lacks, 'plan_id is not the id of a plan: ask for the plan, and start with its plan_id'];
  if (seen.digest !== readPlanId(plan.planId)?.digest) return [...lacks, 'the world has changed since that plan: look at the new plan'];
  const ageMs = plan.asOfMs - seen.asOfMs;
  if (ageMs > PLAN_AGE_MS_MAX) return [...lacks, `that plan is ${Math.floor(ageMs / 60_000)} minutes old: look at a new one`];
  return lacks;
}

/** Seconds; of the durations in ms of earlier runs. */
export function medianSeconds(durationsMs: readonly number[]): number | null {
  if (durationsMs.length === 0) return null;
  const sorted = [...durationsMs].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return Math.round((lower + upper) / 2 / 100) / 10;
}

/** What stands between the definition and a plan that can be shown. */
export function planOf<P>(definition: RunbookDefinition<P>, made: Omit<RunbookPlan, 'destructive'>): RunbookPlan {
  return { ...made, destructive: definition.destructive };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

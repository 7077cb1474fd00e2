/** One run of a runbook, as it is recorded for ever. */
import type { ErrorCode } from '../errors/catalogue.js';
import type { Json } from './plan.js';

/** refused: a guard kept it from starting, nothing was done · cancelled: an operator ended it at a safe point */
export type RunState = 'running' | 'completed' | 'failed' | 'cancelled' | 'refused';

export interface RunbookStep {
  name: string;
  state: 'pending' | 'running' | 'done' | 'failed';
  /** workflow time, ms; null before the first attempt */
  startedMs: number | null;
  endedMs: number | null;
  attempt: number;
  /** plain words: what was done, or why not yet */
  result: string | null;
}

/** How it ended. */
export interface RunbookResult {
  state: Exclude<RunState, 'running'>;
  /** plain words: what has been done, or why not */
  outcome: string;
  /** of a failure */
  code: ErrorCode | null;
  /** what a person has to do now, one thing a line; empty: nothing */
  remaining: string[];
  /** what it measured and made: seconds, files, digests */
  figures: Record<string, Json>;
}

export interface RunbookRun {
  workflowId: string;
  runId: string;
  runbook: string;
  params: Json;
  planId: string | null;
  reason: string;
  actor: string;
  state: RunState;
  steps: RunbookStep[];
  /** null while it runs */
  result: RunbookResult | null;
  /** workflow time, ms */
  startedMs: number;
  endedMs: number | null;
  /** grows with every change: an older word never replaces a newer one */
  revision: number;
}

/** What a run says of itself when it is asked. */
export interface RunWord extends Omit<RunbookRun, 'workflowId' | 'runId' | 'result'>, Omit<RunbookResult, 'state' | 'outcome'> {
  /** null while it runs */
  outcome: string | null;
}

/** The record that such a word makes. */
export function recordOf({ workflowId, runId }: Pick<RunbookRun, 'workflowId' | 'runId'>, word: RunWord): RunbookRun {
  const { runbook, params, planId, reason, actor, state, steps, startedMs, endedMs, revision } = word;
  return { workflowId, runId, runbook, params, planId, reason, actor, state, steps, startedMs, endedMs, result: resultOf(word), revision };
}

function resultOf({ state, outcome, code, remaining, figures }: RunWord): RunbookResult | null {
  return state === 'running' ? null : { state, outcome: outcome ?? '', code, remaining, figures };
}

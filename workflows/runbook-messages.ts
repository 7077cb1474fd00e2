/**
 * What callers and runbooks share: how one is planned, started, watched and cancelled. The parameters of each runbook stand in
 * `core/runbooks/`.
 */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { ErrorCode } from '../core/errors/catalogue.js';
import type { Json } from '../core/runbooks/plan.js';
import type { RunState } from '../core/runbooks/run.js';
import type { RunbookName, RunbookParams } from '../core/runbooks/runbook.js';
import { progressQuery, type RunbookProgress } from './messages.js';

export const PLAN_WORKFLOW_TYPE = 'planRunbook';

export interface PlanRequest<N extends RunbookName = RunbookName> {
  runbook: N;
  params: RunbookParams[N];
}

/** The one argument of every runbook's workflow. */
export interface RunbookRequest<P> {
  params: P;
  /** of the plan that was looked at; null: none was */
  planId: string | null;
  reason: string;
  /** who asked, for the record */
  actor: string;
}

export interface CancelRequest {
  reason: string;
  actor: string;
}

/** Honoured at the next safe point; what was begun is taken back where that is possible. */
export const cancelSignal = defineSignal<[CancelRequest?]>('cancel');

/** What a runbook answers to `progress`. */
export interface RunStatus extends RunbookProgress {
  runbook: string;
  params: Json;
  planId: string | null;
  reason: string;
  actor: string;
  state: RunState;
  /** of a failure */
  code: ErrorCode | null;
  startedMs: number;
  endedMs: number | null;
  /** who asked to cancel it, and why; null: nobody */
  cancel: CancelRequest | null;
  /** what a person has to do now */
  remaining: string[];
  figures: Record<string, Json>;
}

export const runStatusQuery = defineQuery<RunStatus>(progressQuery.name);

/** In the memo of every run: the request that started it, and its parameters. */
export interface RunMemo {
  requestId: string;
  params: Json;
}

/** What every process offers on its control queue. */
export interface ProcessIdentity {
  service: string;
  instance: string;
  pid: number;
  /** host ms */
  startedAtMs: number;
}
export interface ControlActivities {
  describeProcess(): Promise<ProcessIdentity>;
  /** asks the very process that is named to leave; another one answers who it is and stays */
  leaveGracefully(expected?: ProcessIdentity): Promise<ProcessIdentity>;
}

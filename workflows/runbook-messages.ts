/**
 * What callers and runbooks share: how one is planned, started, watched and cancelled. The parameters of each runbook stand in
 * `core/runbooks/`.
 */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { EmergencyWish } from '../core/emergency/emergency-order.js';
import type { DirectPart } from '../core/runbooks/emergency-shutdown.js';
import type { Json } from '../core/runbooks/plan.js';
import type { RunWord } from '../core/runbooks/run.js';
import type { RunbookName, RunbookParams } from '../core/runbooks/runbook.js';
import { progressQuery } from './messages.js';

export const PLAN_WORKFLOW_TYPE = 'planRunbook';
/** takes signals of people who have the Temporal Web UI only */
export const DESK_WORKFLOW_TYPE = 'runbookDesk';
export const DESK_WORKFLOW_ID = 'runbooks';

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

export interface EmergencyMore extends EmergencyWish {
  /** what was done without Temporal meanwhile; null or absent: nothing */
  direct?: DirectPart | null;
}

/** To an emergency that runs: it does the most of what was asked for at first and of this. */
export const widenEmergencySignal = defineSignal<[Partial<EmergencyMore>?]>('widen');

/** What a runbook answers to `progress`. */
export interface RunStatus extends RunWord {
  /** who asked to cancel it, and why; null: nobody */
  cancel: CancelRequest | null;
}

export const runStatusQuery = defineQuery<RunStatus>(progressQuery.name);

/** In the memo of every run: the request that started it, and its parameters. */
export interface RunMemo {
  requestId: string;
  params: Json;
}

/** Who answers on a control queue. */
export interface ProcessIdentity {
  service: string;
  instance: string;
  pid: number;
  /** host ms */
  startedAtMs: number;
  /** where it serves HTTP; absent: nowhere */
  url?: string;
}

/** What every process offers on its control queue. */
export interface ControlActivities {
  describeProcess(): Promise<ProcessIdentity>;
  /** asks the very process that is named to leave; another one says who it is and stays */
  leaveGracefully(expected?: ProcessIdentity): Promise<ProcessIdentity>;
}

/** What the newest closed candles say to the strategies, evaluated by this very process; nothing follows from it. */
export interface Rehearsal {
  /** exchange ms: the newest close of the finest interval */
  closeMs: number;
  strategies: { name: string; finding: string; fit: boolean }[];
}

/** What a trading worker offers besides. */
export interface TradingControlActivities extends ControlActivities {
  rehearseDecision(): Promise<Rehearsal>;
}

/** The control queue of the one-command stack's supervisor; nobody polls it where another supervisor is at work. */
export const SUPERVISOR: ServiceAddress = { service: 'supervisor', instance: '1' };

export interface ServiceAddress {
  service: string;
  instance: string;
}

export interface PartStatus {
  /** trading-worker, maintenance-worker, api, simulator, postgres, temporal */
  name: string;
  /** null: between two lives */
  pid: number | null;
  restarts: number;
  serving: boolean;
}

export interface SupervisorActivities {
  partStatus(): Promise<PartStatus[]>;
  /** Gracefully, by force when it does not leave in time. Asked of the very process that is named: asking again after it has gone changes nothing. */
  restartPart(request: { name: string; pid: number | null }): Promise<PartStatus>;
  /**
   * Restarts a part whose files are damaged without them; they are kept beside the new ones under that name. Asking twice with
   * one name sets aside once.
   */
  beginAnew(request: { name: string; keepAs: string }): Promise<PartStatus>;
  /** Gracefully; it stays away until the whole stack is started again. Asking twice changes nothing. */
  stopPart(request: { name: string }): Promise<PartStatus>;
}

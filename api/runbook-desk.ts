/**
 * The API's side of the runbooks: plans, starts, watches and cancels them.
 *
 * Invariants
 * 1. Every call has a deadline and rejects only with `BotError`.
 * 2. One run per workflow id: a start that finds one running attaches to it, if it runs with the same parameters; never to one that is over.
 * 3. The same request id starts one run, also when it is repeated after that run has ended.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ActivityFailure, ApplicationFailure, WorkflowFailedError, WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import type { EmergencyWish } from '../core/emergency/emergency-order.js';
import { BotError } from '../core/errors/bot-error.js';
import { isErrorCode } from '../core/errors/catalogue.js';
import type { Json, RunbookPlan } from '../core/runbooks/plan.js';
import { RUNBOOK_NAMES, runbookWorkflowId, type RunbookName, type RunbookParams } from '../core/runbooks/runbook.js';
import { EMERGENCY_WORKFLOW_TYPE, MAINTENANCE_QUEUE, WORKFLOW_TASK_TIMEOUT_MS } from '../workflows/messages.js';
import { cancelSignal, PLAN_WORKFLOW_TYPE, runStatusQuery, widenEmergencySignal, type CancelRequest, type PlanRequest, type RunbookRequest, type RunMemo, type RunStatus } from '../workflows/runbook-messages.js';
import { RefusedRequest } from './problem.js';
import { startOrJoin } from './start-or-join.js';
import { isTimeout, temporalFailure } from './temporal-failure.js';

export interface RunIds {
  workflowId: string;
  runId: string;
}

export interface StartedRun extends RunIds {
  /** it ran already; nothing was started */
  attached: boolean;
}

export interface RunbookDesk {
  plan<N extends RunbookName>(request: PlanRequest<N>): Promise<RunbookPlan>;
  /** rejects with `RefusedRequest` when the same runbook runs with other parameters */
  start<N extends RunbookName>(name: N, request: RunbookRequest<RunbookParams[N]> & { requestId: string }): Promise<StartedRun>;
  /** by run id, or the newest run of a workflow id; null: Temporal knows none */
  find(id: string): Promise<RunIds | null>;
  /** the run's own word */
  status(ids: RunIds): Promise<RunStatus>;
  cancel(ids: RunIds, request: CancelRequest): Promise<void>;
  /** those that run now */
  running(): Promise<RunIds[]>;
}

const CALL_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 3_000;
/** below the time limit of a request */
const PLAN_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 9_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SAFE_ID = /^[\w.-]{1,200}$/;
const LISTED_MAX = 50;

export interface RunbookDeskOptions {
  client: Client;
  /** absent: the queue of the product's maintenance worker */
  maintenanceQueue?: string;
}

export function createRunbookDesk({ client, maintenanceQueue = MAINTENANCE_QUEUE }: RunbookDeskOptions): RunbookDesk {
  const within = async <T>(limitMs: number, what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + limitMs, call);
    } catch (error) {
      throw deskFailure(error, what);
    }
  };
  const describe = (workflowId: string): Promise<WorkflowExecutionDescription | null> => within(CALL_TIMEOUT_MS, `ask for ${workflowId}`, async () => {
    try {
      return await client.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  });
  return {
    plan: (request) => within(PLAN_TIMEOUT_MS, `plan ${request.runbook}`, () => client.workflow.execute<(request: PlanRequest) => Promise<RunbookPlan>>(PLAN_WORKFLOW_TYPE, {
      workflowId: `plan-${randomUUID()}`, taskQueue: maintenanceQueue, args: [request as PlanRequest], workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowExecutionTimeout: PLAN_TIMEOUT_MS,
    })),
    start: async (name, { requestId, ...request }) => {
      const workflowId = runbookWorkflowId(name, request.params);
      const memo: RunMemo = { requestId, params: request.params as unknown as Json };
      const before = await describe(workflowId);
      if (before !== null && memoOf(before).requestId === requestId) return { workflowId, runId: before.runId, attached: false };
      const options = {
        workflowId, taskQueue: maintenanceQueue, args: [request], memo: { ...memo }, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdReusePolicy: 'ALLOW_DUPLICATE', staticSummary: `${name}, asked for by ${request.actor}`,
      } as const;
      const start = async (): Promise<string> => (name === EMERGENCY_WORKFLOW_TYPE
        ? (await client.workflow.signalWithStart(name, { ...options, signal: widenEmergencySignal, signalArgs: [wishOf(request.params as RunbookParams['emergencyShutdown'])] })).signaledRunId
        : (await client.workflow.start(name, { ...options, workflowIdConflictPolicy: 'USE_EXISTING' })).firstExecutionRunId);
      await within(START_TIMEOUT_MS, `start ${name}`, () => startOrJoin({ client, workflowId, limitMs: START_TIMEOUT_MS, start }));
      const now = await describe(workflowId);
      if (now === null) throw new BotError(10006, `could not start ${name}: its workflow cannot be found`, { outcome: 'unknown' });
      return { workflowId, runId: now.runId, attached: attachedTo(now, memo) };
    },
    find: async (id) => {
      if (!SAFE_ID.test(id)) return null;
      if (!UUID.test(id)) {
        const described = await describe(id);
        return described === null ? null : { workflowId: id, runId: described.runId };
      }
      return (await list(`RunId = '${id}'`))[0] ?? null;
    },
    status: ({ workflowId, runId }) => within(QUERY_TIMEOUT_MS, `ask ${workflowId} how it is getting on`, () => client.workflow.getHandle(workflowId, runId).query(runStatusQuery)),
    cancel: ({ workflowId, runId }, request) => within(CALL_TIMEOUT_MS, `cancel ${workflowId}`, () => client.workflow.getHandle(workflowId, runId).signal(cancelSignal, request)),
    running: () => list(`ExecutionStatus = 'Running' AND WorkflowType IN (${RUNBOOK_NAMES.map((name) => `'${name}'`).join(', ')})`),
  };

  function list(query: string): Promise<RunIds[]> {
    return within(CALL_TIMEOUT_MS, 'list the runbooks', async () => {
      const found: RunIds[] = [];
      for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: LISTED_MAX })) {
        found.push({ workflowId, runId });
        if (found.length === LISTED_MAX) break;
      }
      return found;
    });
  }
}

/** False when it is the run that this very request has started. */
function attachedTo(run: WorkflowExecutionDescription, memo: RunMemo): boolean {
  const { requestId, params } = memoOf(run);
  if (requestId === memo.requestId) return false;
  // one that runs has been told to do the most of both
  if (run.type === EMERGENCY_WORKFLOW_TYPE) return true;
  if (params === undefined || isDeepStrictEqual(params, memo.params)) return true;
  throw new RefusedRequest(409, `${run.workflowId} runs with other parameters: ${JSON.stringify(params)}`, { fix: `wait until it has ended, or cancel it: POST /api/v1/runbooks/runs/${run.runId}/cancel`, retryable: true });
}

function wishOf({ close_positions: closePositions, stop_services: stopServices }: RunbookParams['emergencyShutdown']): EmergencyWish {
  return { closePositions, stopServices };
}

function memoOf({ memo }: WorkflowExecutionDescription): Partial<RunMemo> {
  return memo ?? {};
}

function deskFailure(error: unknown, what: string): BotError {
  if (error instanceof WorkflowFailedError) return planFailure(error, what);
  if (isTimeout(error)) return new BotError(10006, `could not ${what}: no maintenance worker answers`, { outcome: 'unknown', fix: 'check that the maintenance worker and the Temporal server are running, then ask again' });
  return temporalFailure(error, what);
}

/** An activity's failure carries the code of its cause (activities/failure.ts). */
function planFailure({ cause }: WorkflowFailedError, what: string): BotError {
  const root = cause instanceof ActivityFailure ? cause.cause : cause;
  const code = root instanceof ApplicationFailure ? Number(root.type) : Number.NaN;
  const why = root instanceof ApplicationFailure ? root.message : 'no maintenance worker has done it in time';
  return new BotError(isErrorCode(code) ? code : 10006, `could not ${what}: ${why}`, { fix: 'check that the maintenance worker runs (GET /health), and look at the workflow in the Temporal Web UI' });
}

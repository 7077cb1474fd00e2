/**
 * The API's side of every other workflow: starts runbooks, and says how any workflow is getting on.
 *
 * Invariants
 * 1. Every call has a deadline and rejects only with `BotError`.
 * 2. Starting a runbook that runs attaches to it: one id, one run.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { EmergencyOrder } from '../core/emergency/emergency-order.js';
import type { DirectPart, EmergencyShutdownParams } from '../core/runbooks/emergency-shutdown.js';
import type { Json } from '../core/runbooks/plan.js';
import {
  BOT_WORKFLOW_TYPE, EMERGENCY_WORKFLOW_ID, EMERGENCY_WORKFLOW_TYPE, FEED_WORKFLOW_TYPE, MAINTENANCE_QUEUE, progressQuery, statusQuery, TRADE_WORKFLOW_TYPE, tradeStateQuery,
  WORKFLOW_TASK_TIMEOUT_MS,
} from '../workflows/messages.js';
import { widenEmergencySignal, type RunbookRequest, type RunMemo } from '../workflows/runbook-messages.js';
import { startOrJoin } from './start-or-join.js';
import { temporalFailure } from './temporal-failure.js';

/** Where a workflow can be watched; paths, because only the reader knows under which name both are reached. */
export interface WatchLinks {
  workflowId: string;
  /** path of this API */
  api: string;
  /** path of the Temporal Web UI */
  temporalUi: string;
}

export interface WorkflowFacts {
  workflowId: string;
  runId: string;
  type: string;
  /** as Temporal names it: RUNNING, COMPLETED, FAILED … */
  status: string;
  startedMs: number;
  /** null while it runs */
  closedMs: number | null;
  historyLength: number;
}

export interface WorkflowDesk {
  links(workflowId: string): WatchLinks;
  /** of the one that runs, when one does: it then does the most of what both ask for */
  startEmergencyShutdown(order: EmergencyOrder, direct?: DirectPart): Promise<WatchLinks & { runId: string }>;
  /** null: Temporal knows no such workflow */
  describe(workflowId: string): Promise<WorkflowFacts | null>;
  /** the workflow's own word; null for workflows that have none */
  progress(workflow: Pick<WorkflowFacts, 'workflowId' | 'type'>): Promise<unknown>;
}

export interface WorkflowDeskOptions {
  client: Client;
  /** absent: the queue of the product's maintenance worker */
  maintenanceQueue?: string;
  /** absent: the one emergency shutdown of this account */
  emergencyWorkflowId?: string;
}

const CALL_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 2_000;
/** After that this process acts by itself: an emergency does not wait for an older one. */
const EMERGENCY_START_MS_MAX = 6_000;

export function createWorkflowDesk({ client, maintenanceQueue = MAINTENANCE_QUEUE, emergencyWorkflowId = EMERGENCY_WORKFLOW_ID }: WorkflowDeskOptions): WorkflowDesk {
  const { namespace } = client.options;
  const within = <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + timeoutMs, call);
  const links = (workflowId: string): WatchLinks => {
    const id = encodeURIComponent(workflowId);
    return { workflowId, api: `/api/v1/workflows/${id}`, temporalUi: `/namespaces/${encodeURIComponent(namespace)}/workflows/${id}` };
  };
  return {
    links,
    startEmergencyShutdown: async (order, direct) => {
      const { closePositions, stopServices, haltId, atMs, reason, actor } = order;
      const params: EmergencyShutdownParams = { close_positions: closePositions, stop_services: [...stopServices], halt_id: haltId, asked_at_ms: atMs, direct: direct ?? null };
      const request: RunbookRequest<EmergencyShutdownParams> = { params, planId: null, reason, actor };
      const memo: RunMemo = { requestId: haltId, params: params as unknown as Json };
      const start = async (): Promise<string> => (await within(CALL_TIMEOUT_MS, () => client.workflow.signalWithStart(EMERGENCY_WORKFLOW_TYPE, {
        workflowId: emergencyWorkflowId, taskQueue: maintenanceQueue, args: [request], memo: { ...memo }, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        signal: widenEmergencySignal, signalArgs: [{ closePositions, stopServices, direct: direct ?? null }], staticSummary: `emergencyShutdown, asked for by ${actor}`,
      }))).signaledRunId;
      try {
        return { ...links(emergencyWorkflowId), runId: await startOrJoin({ client, workflowId: emergencyWorkflowId, limitMs: EMERGENCY_START_MS_MAX, start }) };
      } catch (error) {
        throw temporalFailure(error, 'start the emergency shutdown');
      }
    },
    describe: async (workflowId) => {
      try {
        const { runId, type, status, startTime, closeTime, historyLength } = await within(CALL_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).describe());
        return { workflowId, runId, type, status: status.name, startedMs: startTime.getTime(), closedMs: closeTime?.getTime() ?? null, historyLength };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw temporalFailure(error, `ask for the workflow ${workflowId}`);
      }
    },
    progress: async ({ workflowId, type }) => {
      if (type === FEED_WORKFLOW_TYPE) return null;
      try {
        return await within<unknown>(QUERY_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).query(queryOf(type)));
      } catch (error) {
        throw temporalFailure(error, `ask the workflow ${workflowId} how it is getting on`);
      }
    },
  };
}

/** Name of the query that a workflow of this type answers. */
function queryOf(type: string): string {
  switch (type) {
    case BOT_WORKFLOW_TYPE:
      return statusQuery.name;
    case TRADE_WORKFLOW_TYPE:
      return tradeStateQuery.name;
    default:
      return progressQuery.name;
  }
}

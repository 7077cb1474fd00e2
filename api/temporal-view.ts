/** What the API sees of the Temporal server itself: whether it answers, who polls its queues, who holds the feed lease. */
import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { FEED_WORKFLOW_ID } from '../workflows/messages.js';
import { temporalFailure } from './temporal-failure.js';

export interface TemporalView {
  /** resolves when the server serves the namespace */
  ping(): Promise<void>;
  /** host ms of the newest poll of the queue's activities, null when nobody has polled for minutes */
  newestPollMs(taskQueue: string): Promise<number | null>;
  /** the lease of the feeds: whether its workflow runs, and the newest sign of life of its holder (host ms) */
  feedLease(): Promise<{ running: boolean; heartbeatMs: number | null }>;
}

export interface TemporalViewOptions {
  client: Client;
  /** absent: the feed lease of this account */
  feedWorkflowId?: string;
}

const CALL_TIMEOUT_MS = 1_800;
const { TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;
const { WORKFLOW_EXECUTION_STATUS_RUNNING } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;

export function createTemporalView({ client, feedWorkflowId = FEED_WORKFLOW_ID }: TemporalViewOptions): TemporalView {
  const { namespace } = client.options;
  const ask = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
    } catch (error) {
      throw temporalFailure(error, what);
    }
  };
  return {
    ping: async () => {
      await ask('ask for the namespace', () => client.workflowService.describeNamespace({ namespace }));
    },
    newestPollMs: async (taskQueue) => {
      const { pollers } = await ask(`ask who polls ${taskQueue}`, () =>
        client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: TASK_QUEUE_TYPE_ACTIVITY }));
      return newest(pollers.map(({ lastAccessTime }) => lastAccessTime));
    },
    feedLease: async () => {
      const description = await ask('ask for the feed lease', () =>
        client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId: feedWorkflowId } }));
      const running = description.workflowExecutionInfo?.status === WORKFLOW_EXECUTION_STATUS_RUNNING;
      return { running, heartbeatMs: newest(description.pendingActivities.map(({ lastHeartbeatTime }) => lastHeartbeatTime)) };
    },
  };
}

type Timestamp = Parameters<typeof tsToMs>[0];

function newest(instants: readonly Timestamp[]): number | null {
  const present = instants.filter((instant) => instant !== null && instant !== undefined).map(tsToMs);
  return present.length === 0 ? null : Math.max(...present);
}

/**
 * Temporal's histories as the benchmark reads them: who did what when, in the server's clock (the host's). The history is
 * the one record of a run that nobody has to keep for the sake of being measured.
 */
import { Client, Connection } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { TRADE_WORKFLOW_TYPE } from '../../workflows/messages.js';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

export const EVENT = proto.temporal.api.enums.v1.EventType;

const FETCHED_AT_ONCE = 10;

export interface Histories {
  /** of all trades, newest last */
  trades(): Promise<HistoryEvent[][]>;
  run(workflowId: string, runId: string): Promise<HistoryEvent[]>;
  close(): Promise<void>;
}

export async function openHistories(address: string): Promise<Histories> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const run = async (workflowId: string, runId: string): Promise<HistoryEvent[]> => (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
  return {
    run,
    async trades() {
      const ids: { workflowId: string; runId: string }[] = [];
      for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowType = '${TRADE_WORKFLOW_TYPE}'` })) ids.push({ workflowId, runId });
      const histories: HistoryEvent[][] = [];
      for (let first = 0; first < ids.length; first += FETCHED_AT_ONCE) {
        histories.push(...(await Promise.all(ids.slice(first, first + FETCHED_AT_ONCE).map(({ workflowId, runId }) => run(workflowId, runId)))));
      }
      return histories.reverse();
    },
    close: () => connection.close(),
  };
}

/** Host ms, with fractions. */
export function timeOf(event: HistoryEvent): number {
  const nanos = event.eventTime?.nanos ?? 0;
  return Math.floor(tsToMs(event.eventTime) / 1_000) * 1_000 + nanos / 1_000_000;
}

export function ofType(events: readonly HistoryEvent[], type: temporal.api.enums.v1.EventType): HistoryEvent[] {
  return events.filter(({ eventType }) => eventType === type);
}

/** The first value of a JSON payload. */
export function decoded(payloads: Payloads): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data == null ? undefined : JSON.parse(Buffer.from(data).toString('utf8'));
}

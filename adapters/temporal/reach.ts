/** Asks whether a Temporal server really serves a namespace: a listening port says nothing, it answers before the frontend is healthy. */
import { Connection } from '@temporalio/client';
import { BotError } from '../../core/errors/bot-error.js';
import { grpcCodeOf, GRPC } from './grpc-error.js';

const ATTEMPT_TIMEOUT_MS = 2_000;
const POLL_MS = 100;

export interface ReachOptions {
  address: string;
  namespace: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Resolves once the namespace is served, or is known to be absent on a healthy server (`ensureNamespace` makes it then).
 * Rejects with 10006 after `timeoutMs` or when aborted.
 */
export async function waitForNamespace(options: ReachOptions): Promise<void> {
  const connection = Connection.lazy({ address: options.address });
  const deadlineMs = Date.now() + options.timeoutMs;
  try {
    for (;;) {
      const failure = await describe(connection, options);
      if (failure === undefined) return;
      if (Date.now() + POLL_MS > deadlineMs || options.signal?.aborted === true) throw unreachable(options, failure);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await connection.close();
  }
}

/** undefined when the server answered, otherwise why it did not */
async function describe(connection: Connection, { namespace, timeoutMs }: ReachOptions): Promise<string | undefined> {
  try {
    await connection.withDeadline(Date.now() + Math.min(ATTEMPT_TIMEOUT_MS, timeoutMs), () => connection.workflowService.describeNamespace({ namespace }));
    return undefined;
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.notFound) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

function unreachable({ address, timeoutMs }: ReachOptions, reason: string): BotError {
  return new BotError(10006, `Temporal at ${address} is not reachable (waited ${timeoutMs / 1000} s): ${reason}`, {
    fix: `Check TEMPORAL_ADDRESS=${address} and that the server is running, or unset TEMPORAL_ADDRESS to have one started here`,
  });
}

/**
 * A control queue for a process that is no Temporal worker otherwise (the API, the supervisor): it serves as soon as Temporal
 * can be reached, and never keeps the process from its work.
 */
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from '../core/ports/logger.js';
import { controlQueue } from '../workflows/messages.js';
import type { ServiceAddress } from '../workflows/runbook-messages.js';

export interface ControlWorkerOptions {
  /** asked at every attempt: it may be known only later */
  temporal: { address: string; namespace: string };
  address: ServiceAddress;
  activities: object;
  logger: Logger;
}

export interface ControlWorker {
  close(): Promise<void>;
}

const PAUSE_MS = 2_000;

export function serveControlQueue(options: ControlWorkerOptions): ControlWorker {
  const closing = new AbortController();
  const serving = serveUntilClosed(options, closing.signal);
  return {
    close: () => {
      closing.abort();
      return serving;
    },
  };
}

async function serveUntilClosed(options: ControlWorkerOptions, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    try {
      await serveOnce(options, closing);
    } catch (error) {
      options.logger.debug('The control queue is not served, trying again', { error });
      await pause(closing);
    }
  }
}

async function serveOnce({ temporal, address, activities, logger }: ControlWorkerOptions, closing: AbortSignal): Promise<void> {
  const connection = await NativeConnection.connect({ address: temporal.address });
  try {
    const { service, instance } = address;
    const worker = await Worker.create({ connection, namespace: temporal.namespace, identity: `${service}-${instance}`, taskQueue: controlQueue(service, instance), activities, shutdownGraceTime: 2_000 });
    if (closing.aborted) return;
    closing.addEventListener('abort', () => worker.shutdown(), { once: true });
    logger.debug('The control queue is served', { service, instance });
    await worker.run();
  } finally {
    await connection.close();
  }
}

function pause(closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    closing.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

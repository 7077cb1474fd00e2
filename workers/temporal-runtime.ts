/** One Temporal runtime, connection and set of limits for every worker process. */
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, type LogEntry, type Worker, type WorkerOptions } from '@temporalio/worker';
import { BotError } from '../core/errors/bot-error.js';
import { isErrorCode } from '../core/errors/catalogue.js';
import type { Logger } from '../core/ports/logger.js';

/** Written by the build beside the compiled sources. */
export const WORKFLOW_BUNDLE_PATH = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

const CONNECT_ATTEMPTS_MAX = 60;
const CONNECT_PAUSE_MS = 500;

/** Must run before anything else of the SDK: routes its logs into ours. Shutdown signals stay ours. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', (entry) => forward(logger, entry)),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}

/** The SDK's word on a failure that the activity itself has told, under its code. */
function isToldAlready(message: string, meta: LogEntry['meta']): boolean {
  const error: unknown = meta?.['error'];
  return message === 'Activity failed' && error instanceof ApplicationFailure && isErrorCode(Number(error.type));
}

/** What a workflow says of a failed activity would be counted a second time. */
function withoutToldCode(meta: LogEntry['meta']): Record<string, unknown> {
  const { code, ...rest }: Record<string, unknown> = { ...meta };
  if (code === undefined || code === null) return rest;
  return rest['sdkComponent'] === 'workflow' ? { ...rest, failureCode: code } : { ...rest, code };
}

function forward(logger: Logger, { level, message, meta }: LogEntry): void {
  const fields = { from: 'temporal', ...withoutToldCode(meta) };
  if (isToldAlready(message, meta)) return logger.debug(message, fields);
  switch (level) {
    case 'ERROR':
      return logger.error(message, fields);
    case 'WARN':
      return logger.warning(message, fields);
    case 'INFO':
      return logger.info(message, fields);
    case 'DEBUG':
    case 'TRACE':
      return logger.debug(message, fields);
  }
}

/** Waits for a server that is still starting; gives up with a clear error after half a minute. */
export async function connectToTemporal(address: string): Promise<NativeConnection> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (attempt >= CONNECT_ATTEMPTS_MAX) throw unreachable(address, error);
      await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE_MS));
    }
  }
}

function unreachable(address: string, error: unknown): BotError {
  const reason = error instanceof Error ? error.message : 'unknown error';
  return new BotError(10006, `Temporal is not reachable at ${address}: ${reason}`, { fix: 'start the Temporal server, or correct TEMPORAL_ADDRESS' });
}

/** A worker that dies idle must not keep tasks waiting on its sticky queue, nor a leaving one wait for the lease. */
export function workerLimits(): Pick<WorkerOptions, 'stickyQueueScheduleToStartTimeout' | 'maxCachedWorkflows' | 'shutdownGraceTime' | 'shutdownForceTime'> {
  return { stickyQueueScheduleToStartTimeout: 1_000, maxCachedWorkflows: 200, shutdownGraceTime: 2_000, shutdownForceTime: 15_000 };
}

/** Runs the workers until the process is asked to leave, then lets their activities finish. */
export async function runUntil(workers: readonly Worker[], leaving: Promise<unknown>): Promise<void> {
  const running = Promise.all(workers.map((worker) => worker.run()));
  const leave = leaving.then(() => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  });
  await Promise.race([running, leave.then(() => running)]);
}

/** The supervisor's own control queue: a workflow can see the parts of the stack, and have one of them restarted. */
import type { Logger } from '../core/ports/logger.js';
import { BotError } from '../core/errors/bot-error.js';
import { serveControlQueue, type ControlWorker } from '../workers/control-worker.js';
import { installRuntime } from '../workers/temporal-runtime.js';
import { SUPERVISOR, type PartStatus, type SupervisorActivities } from '../workflows/runbook-messages.js';
import type { Supervisor } from './supervisor/supervisor.js';

/** The Temporal server that is to be restarted carries the answer; it must be out by then. */
const ANSWER_FIRST_MS = 300;

export interface SupervisorControlOptions {
  supervisor: Supervisor;
  temporal: { address: string; namespace: string };
  logger: Logger;
}

export function serveSupervisor({ supervisor, temporal, logger }: SupervisorControlOptions): ControlWorker {
  installRuntimeOnce(logger);
  const activities: SupervisorActivities = {
    partStatus: () => Promise.resolve(supervisor.status()),
    restartPart: (request) => Promise.resolve(restartPart(supervisor, request)),
    beginAnew: (request) => Promise.resolve(beginAnew(supervisor, request)),
    stopPart: ({ name }) => Promise.resolve(stopPart(supervisor, name)),
  };
  return serveControlQueue({ temporal, address: SUPERVISOR, activities, logger });
}

function partNamed(supervisor: Supervisor, name: string): PartStatus {
  const part = supervisor.status().find((candidate) => candidate.name === name);
  if (part === undefined) throw new BotError(10006, `the stack has no part ${name}`, { retryable: false });
  return part;
}

function beginAnew(supervisor: Supervisor, { name, keepAs }: { name: string; keepAs: string }): PartStatus {
  const part = partNamed(supervisor, name);
  if (supervisor.beginAnew(name, keepAs)) return part;
  throw new BotError(10006, `${name} holds nothing that could be set aside`, { retryable: false });
}

/** Its end is not waited for: it may have to finish what it does. */
function stopPart(supervisor: Supervisor, name: string): PartStatus {
  const part = partNamed(supervisor, name);
  setTimeout(() => supervisor.stopPart(name), ANSWER_FIRST_MS);
  return part;
}

function restartPart(supervisor: Supervisor, { name, pid }: { name: string; pid: number | null }): PartStatus {
  const part = partNamed(supervisor, name);
  // Another process than the one that was meant: it has been restarted since.
  if (part.pid === pid && pid !== null) setTimeout(() => supervisor.restart(name, pid), name === 'temporal' ? ANSWER_FIRST_MS : 0);
  return part;
}

/** Whoever runs the stack in its own process may have installed one before. */
function installRuntimeOnce(logger: Logger): void {
  try {
    installRuntime(logger);
  } catch (error) {
    logger.debug('The Temporal runtime of this process stays as it is', { error });
  }
}

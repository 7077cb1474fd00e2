/**
 * Processes as a runbook reaches them: over the control queue that each polls, and over the supervisor's where there is one.
 * A queue that nobody polls is an answer, too: nobody is there.
 */
import { isCancellation, proxyActivities } from '@temporalio/workflow';
import { controlQueue } from '../messages.js';
import { SUPERVISOR, type ControlActivities, type PartStatus, type ProcessIdentity, type ServiceAddress, type SupervisorActivities, type TradingControlActivities } from '../runbook-messages.js';

/** A process that lives takes a task at once. */
const ANSWER_WITHIN_MS = 3_000;
const REHEARSAL_MS_MAX = 20_000;

function control({ service, instance }: ServiceAddress): ControlActivities {
  return proxyActivities<ControlActivities>({ taskQueue: controlQueue(service, instance), scheduleToStartTimeout: ANSWER_WITHIN_MS, startToCloseTimeout: ANSWER_WITHIN_MS, retry: { maximumAttempts: 1 } });
}

const supervisor = proxyActivities<SupervisorActivities>({
  taskQueue: controlQueue(SUPERVISOR.service, SUPERVISOR.instance), scheduleToStartTimeout: ANSWER_WITHIN_MS, startToCloseTimeout: ANSWER_WITHIN_MS, retry: { maximumAttempts: 1 },
});

/** null: nobody answers */
export function whoAnswers(address: ServiceAddress): Promise<ProcessIdentity | null> {
  return orNull(() => control(address).describeProcess());
}

/** Asks that very process to leave; null: it did not answer */
export function askToLeave(address: ServiceAddress, expected: ProcessIdentity): Promise<ProcessIdentity | null> {
  return orNull(() => control(address).leaveGracefully(expected));
}

export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startedAtMs === b.startedAtMs;
}

/** What the supervisor of the one-command stack says of a part; null: there is no such supervisor, or no such part */
export async function supervisedPart(name: string): Promise<PartStatus | null> {
  const parts = await orNull(() => supervisor.partStatus());
  return parts?.find((part) => part.name === name) ?? null;
}

/** Has the supervisor restart that very process of the part; null: there is no such supervisor */
export function restartSupervised({ name, pid }: Pick<PartStatus, 'name' | 'pid'>): Promise<PartStatus | null> {
  return orNull(() => supervisor.restartPart({ name, pid }));
}

/** Has the supervisor start the part anew without what it held, which is kept under that name; null: there is no such supervisor */
export function beginAnewSupervised(name: string, keepAs: string): Promise<PartStatus | null> {
  return orNull(() => supervisor.beginAnew({ name, keepAs }));
}

/** Has the supervisor stop the part and leave it alone; null: there is no such supervisor, or no such part */
export function stopSupervised(name: string): Promise<PartStatus | null> {
  return orNull(() => supervisor.stopPart({ name }));
}

/** What a rehearsed decision of that very process looks like. Rejects when it cannot decide. */
export function rehearse({ service, instance }: ServiceAddress): ReturnType<TradingControlActivities['rehearseDecision']> {
  const trading = proxyActivities<TradingControlActivities>({
    taskQueue: controlQueue(service, instance), scheduleToStartTimeout: REHEARSAL_MS_MAX, startToCloseTimeout: REHEARSAL_MS_MAX, retry: { initialInterval: 500, maximumAttempts: 6 },
  });
  return trading.rehearseDecision();
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return null;
  }
}

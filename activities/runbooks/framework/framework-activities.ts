/** What every runbook needs of the outside: its record, and its end told. */
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import type { Severity } from '../../../core/errors/catalogue.js';
import type { EventRow, Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { RunbookRun } from '../../../core/runbooks/run.js';
import { withActivityFailures } from '../../failure.js';

export interface FrameworkDependencies {
  ledger(): Promise<Pick<Ledger, 'saveRun' | 'saveEvent'>>;
  logger: Logger;
}

export type FrameworkActivities = ReturnType<typeof createFrameworkActivities>;

export function createFrameworkActivities({ ledger, logger }: FrameworkDependencies) {
  return withActivityFailures({
    /** The run as it stands; an ended one also as an event. */
    recordRun: async (run: RunbookRun): Promise<void> => saveRecord(await ledger(), run),
    /** Needs no ledger: an operator reads of a failure also while it is away. */
    announceRun: (run: RunbookRun): Promise<void> => {
      const { severity, code, message, context } = eventOf(run);
      logger[severity](message, { ...context, ...(code === null ? {} : { code }) });
      return Promise.resolve();
    },
  }, logger);
}

export async function saveRecord(ledger: Pick<Ledger, 'saveRun' | 'saveEvent'>, run: RunbookRun): Promise<void> {
  await ledger.saveRun(run);
  if (run.result !== null) await ledger.saveEvent(eventOf(run));
}

const SEVERITY: Record<RunbookRun['state'], Severity> = { running: 'info', completed: 'info', cancelled: 'warning', refused: 'warning', failed: 'critical' };

function eventOf({ workflowId, runId, runbook, reason, actor, state, result, startedMs, endedMs }: RunbookRun): EventRow {
  const remaining = result?.remaining ?? [];
  const todo = remaining.length === 0 ? '' : `; to do by hand: ${remaining.join('; ')}`;
  const code: ErrorCode | null = result?.code ?? null;
  return {
    eventId: `runbook-${runId}`, atMs: endedMs ?? startedMs, code, severity: SEVERITY[state], source: runbook,
    message: `Runbook ${runbook} ${state}: ${result?.outcome ?? ''}${todo}`, context: { workflowId, runId, actor, reason, remaining },
  };
}

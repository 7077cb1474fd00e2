/** What Temporal remembers of runs of runbooks: each answers with what its record would say. */
import type { Client } from '@temporalio/client';
import type { RunMemory } from '../activities/runbooks/recovery/recovery-dependencies.js';
import type { RunIds } from '../api/runbook-desk.js';
import { temporalFailure } from '../api/temporal-failure.js';
import { recordOf, type RunbookRun } from '../core/runbooks/run.js';
import { RUNBOOK_NAMES } from '../core/runbooks/runbook.js';
import { runStatusQuery } from '../workflows/runbook-messages.js';
import { answersOf, runsSince } from './temporal-memory.js';

const QUERY_TIMEOUT_MS = 10_000;
/** a recovery does not wait for the records of months */
const RUNS_MAX = 500;

export function createRunMemory(client: Client): RunMemory {
  return {
    runsSince: async (sinceMs) => {
      try {
        const ids = await runsSince(client, { types: RUNBOOK_NAMES, sinceMs, limit: RUNS_MAX });
        const { answers, silent } = await answersOf(ids, (run) => recordOfRun(client, run));
        return { runs: answers, silent: silent.map(({ runId }) => runId) };
      } catch (error) {
        throw temporalFailure(error, 'ask Temporal for the runs of runbooks');
      }
    },
  };
}

async function recordOfRun(client: Client, ids: RunIds): Promise<RunbookRun> {
  const { workflowId, runId } = ids;
  return recordOf(ids, await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => client.workflow.getHandle(workflowId, runId).query(runStatusQuery)));
}

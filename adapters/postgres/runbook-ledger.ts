/** The records of runbooks: one row per run, written again with every step. */
import { sql, type Selectable } from 'kysely';
import type { RunbookLedger } from '../../core/ports/runbook-ledger.js';
import type { RunbookRun } from '../../core/runbooks/run.js';
import { insertBatch, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';
import type { RunbookRunsTable } from './tables.js';

/** How many of the newest runs the usual duration is taken of. */
const DURATIONS_MAX = 20;
const CHANGING = ['state', 'steps', 'result', 'ended_at', 'revision'] as const;

export function runbookLedger(database: LedgerDatabase): RunbookLedger {
  return {
    saveRun: async (run) => {
      const onConflict = replaceWhen(CHANGING, sql`runbook_runs.revision < excluded.revision`);
      await database.write(`save the run ${run.workflowId}`, (queries) => insertBatch(queries, { table: 'runbook_runs', rows: [toRow(run)], key: ['run_id'], onConflict }));
    },
    runs: ({ limit, runbook }) => database.read('read the runs of runbooks', async (queries) => {
      const all = queries.selectFrom('runbook_runs').selectAll();
      const wanted = runbook === undefined ? all : all.where('runbook', '=', runbook);
      return (await wanted.orderBy('started_at', 'desc').orderBy('run_id', 'desc').limit(limit).execute()).map(fromRow);
    }),
    run: (id) => database.read('read a run', async (queries) => {
      const row = await queries.selectFrom('runbook_runs').selectAll()
        .where(({ eb, or }) => or([eb('run_id', '=', id), eb('workflow_id', '=', id)])).orderBy('started_at', 'desc').limit(1).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    }),
    runDurationsMs: (runbook) => database.read('read how long runs took', async (queries) => {
      const rows = await queries.selectFrom('runbook_runs').select(['started_at', 'ended_at'])
        .where('runbook', '=', runbook).where('state', '=', 'completed').orderBy('started_at', 'desc').limit(DURATIONS_MAX).execute();
      return rows.flatMap(({ started_at: from, ended_at: to }) => (to === null ? [] : [to.getTime() - from.getTime()]));
    }),
  };
}

function toRow(run: RunbookRun) {
  const { workflowId, runId, planId, startedMs, endedMs, ...rest } = run;
  return { ...rest, workflow_id: workflowId, run_id: runId, plan_id: planId, started_at: toTimestamp(startedMs), ended_at: endedMs === null ? null : toTimestamp(endedMs) };
}

function fromRow(row: Selectable<RunbookRunsTable>): RunbookRun {
  const { workflow_id: workflowId, run_id: runId, plan_id: planId, started_at: startedAt, ended_at: endedAt, ...rest } = row;
  return { ...rest, workflowId, runId, planId, startedMs: startedAt.getTime(), endedMs: endedAt?.getTime() ?? null };
}

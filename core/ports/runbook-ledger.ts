/** The records of runbooks. Types only; `adapters/postgres` implements it. */
import type { RunbookRun } from '../runbooks/run.js';

export interface RunbookLedger {
  /** by run id; an older revision never replaces a newer one */
  saveRun(run: RunbookRun): Promise<void>;
  /** newest first */
  runs(query: { limit: number; runbook?: string }): Promise<RunbookRun[]>;
  /** by run id, or the newest of a workflow id; null: not recorded */
  run(id: string): Promise<RunbookRun | null>;
  /** ms each of the newest completed runs took */
  runDurationsMs(runbook: string): Promise<number[]>;
}

/**
 * Writes the record of a run beside its steps. A ledger that is away costs the run nothing: the newest word is written when it
 * is back, at the latest by a workflow that does nothing else.
 *
 * Invariant: a run closes within seconds of its end, also when a write hangs on a worker that died. Until it has closed, its
 * runbook cannot be started anew (api/start-or-join.ts).
 */
import { condition, ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import type { FrameworkActivities } from '../../activities/runbooks/framework/framework-activities.js';
import { recordOf, type RunbookResult, type RunbookRun } from '../../core/runbooks/run.js';
import { keepRunRecord } from '../runbooks/keep-run-record.js';
import { ignoreUnlessCancelled } from './ignore-unless-cancelled.js';
import type { RunInProgress } from './run-in-progress.js';

const PAUSE_MS_MAX = 30_000;
/** How long a run that is over waits for its record to be written. */
const LAST_WRITE_MS_MAX = 1_500;

/** One attempt: a newer word may have replaced this one by the next. */
const activities = proxyActivities<FrameworkActivities>({ startToCloseTimeout: 6_000, retry: { maximumAttempts: 1 } });
/** It only logs: one that takes longer has lost its worker. */
const { announceRun } = proxyActivities<FrameworkActivities>({ startToCloseTimeout: 1_000, retry: { initialInterval: 100, maximumAttempts: 3 } });

export class Recorder {
  private readonly writing: Promise<void>;
  private recorded = 0;

  constructor(private readonly run: RunInProgress) {
    this.writing = this.writeUntilEnded();
  }

  /** Tells the end, and sees to it that it stands in the ledger. */
  async finish(result: RunbookResult): Promise<void> {
    const record = this.record();
    await announceRun(record).catch(ignoreUnlessCancelled);
    await Promise.race([this.writing, condition(() => this.recorded >= record.revision, LAST_WRITE_MS_MAX)]);
    if (this.recorded >= record.revision) return;
    await startChild(keepRunRecord, { workflowId: `record-${record.runId}`, args: [{ ...record, result }], parentClosePolicy: ParentClosePolicy.ABANDON });
  }

  private async writeUntilEnded(): Promise<void> {
    for (let failures = 0; ; ) {
      await condition(() => this.run.revision > this.recorded);
      const last = this.run.ended() !== null;
      failures = (await this.write()) ? 0 : failures + 1;
      if (last) return;
      if (failures > 0) await condition(() => this.run.ended() !== null, Math.min(1_000 * 2 ** failures, PAUSE_MS_MAX));
    }
  }

  private async write(): Promise<boolean> {
    const record = this.record();
    try {
      await activities.recordRun(record);
      this.recorded = record.revision;
      return true;
    } catch (error) {
      ignoreUnlessCancelled(error);
      return false;
    }
  }

  private record(): RunbookRun {
    return recordOf(workflowInfo(), this.run.status());
  }
}

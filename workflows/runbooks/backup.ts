/**
 * Backs up everything that a machine cannot be rebuilt without, and proves it. Trading goes on meanwhile.
 *
 * Invariants
 * 1. A backup counts only once it was restored into a scratch database and its digests matched.
 * 2. Broken off before its manifest was written it leaves nothing; after that it stays, counted only when verified.
 * 3. A copy that could not be stored does not take the backup on this machine with it; the run says that the copy is missing.
 */
import { ActivityCancellationType, isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { BackupActivities } from '../../activities/runbooks/backup/backup-activities.js';
import { backupIdOf } from '../../core/backup/backup-id.js';
import type { BackupFile } from '../../core/backup/manifest.js';
import { BACKUP_STEPS as STEPS, type BackupParams } from '../../core/runbooks/backup.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { describeFailure } from '../failure-detail.js';
import { runbook } from '../runbook/runbook.js';
import type { RunInProgress } from '../runbook/run-in-progress.js';
import type { RunbookRequest } from '../runbook-messages.js';
import { long, quick } from './backup/activities.js';
import { verifyByRestore } from './backup/verify-by-restore.js';

/** a storage that is away is not waited for: the next backup stores the copy, too */
const uploads = proxyActivities<BackupActivities>({
  startToCloseTimeout: '12 hours', heartbeatTimeout: 15_000, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, retry: { maximumAttempts: 3, initialInterval: 1_000, backoffCoefficient: 5, maximumInterval: 60_000 },
});

export function backup(request: RunbookRequest<BackupParams>): Promise<RunbookResult> {
  return runbook('backup', request, (run, params) => new Backup(run, params).carryOut());
}

class Backup {
  private readonly backupId: string;
  private readonly files: BackupFile[] = [];
  private readonly leftOut: string[] = [];
  private copy: 'not asked for' | 'there' | 'missing' = 'not asked for';

  constructor(private readonly run: RunInProgress, private readonly params: BackupParams) {
    const { startTime, runId } = workflowInfo();
    this.backupId = backupIdOf({ kind: params.kind, startedMs: startTime.getTime(), runId });
  }

  async carryOut(): Promise<string> {
    const { run, backupId } = this;
    run.figure('backupId', backupId);
    await run.step(STEPS.sweep, () => this.sweep());
    const dump = await this.dump();
    await run.step(STEPS.configuration, () => this.pack(long.packConfiguration({ backupId })), { interruptible: true });
    await run.step(STEPS.data, () => this.pack(long.packApplicationData({ backupId })), { interruptible: true });
    await run.step(STEPS.source, () => this.pack(long.packSource({ backupId })), { interruptible: true });
    await run.step(STEPS.manifest, () => this.finish(dump), { interruptible: true });
    await run.step(STEPS.verify, () => verifyByRestore(run, backupId), { interruptible: true });
    run.nothingToTakeBack();
    await run.step(STEPS.upload, () => this.upload(), { interruptible: true });
    await run.step(STEPS.retention, () => this.retain());
    return `backup ${backupId} is complete and verified${this.copy === 'missing' ? '; its copy in the storage is missing' : ''}`;
  }

  private async sweep(): Promise<string> {
    const swept = await quick.sweepBackups({ backupId: this.backupId });
    return swept.length === 0 ? 'nothing was left' : `removed ${swept.join(', ')}`;
  }

  private async dump(): Promise<Awaited<ReturnType<typeof long.dumpLedger>>> {
    const { run, backupId } = this;
    run.takeBackUnlessDone('remove what the backup left half done: it is removed by the next one', () => quick.discardBackup({ backupId }));
    let dump: Awaited<ReturnType<typeof long.dumpLedger>> | undefined;
    await run.step(STEPS.database, async () => {
      dump = await long.dumpLedger({ backupId });
      this.files.push(...dump.files);
      const { tables } = dump.database.digest;
      run.figure('databaseBytes', dump.files[0]?.bytes ?? 0);
      return `${tables.length} tables with ${tables.reduce((sum, { rows }) => sum + BigInt(rows), 0n)} rows as of ${new Date(dump.takenAtMs).toISOString()}, ${bytesOf(dump.files)} bytes`;
    }, { interruptible: true });
    if (dump === undefined) throw new Error('a step that ended well has its result');
    return dump;
  }

  private async pack(packing: ReturnType<typeof long.packSource>): Promise<string> {
    const { files, leftOut } = await packing;
    this.files.push(...files);
    this.leftOut.push(...leftOut);
    const left = leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`;
    return `${files.map(({ name, holds }) => `${name} (${holds})`).join(', ')}, ${bytesOf(files)} bytes${left}`;
  }

  private async finish({ takenAtMs, database, tools }: Awaited<ReturnType<typeof long.dumpLedger>>): Promise<string> {
    const { run, backupId, params, files, leftOut } = this;
    const { workflowId, runId } = workflowInfo();
    const { bytes, manifestSha256 } = await quick.finishBackup({
      backupId, kind: params.kind, pinned: params.pin, upload: params.upload, takenAtMs, workflowId, runId, reason: run.given.reason, tools: [tools], leftOut, database, files,
    });
    run.figure('bytes', bytes);
    run.figure('manifestSha256', manifestSha256);
    const read = await long.readBackBackup({ backupId });
    return `${files.length} files, ${read} bytes read back and equal`;
  }

  private async upload(): Promise<string> {
    if (!this.params.upload) return 'not asked for';
    const missing = await quick.missingCopies();
    if (missing.length === 0) return 'no storage is configured: this machine is the only place';
    this.copy = 'missing';
    try {
      const words: string[] = [];
      for (const backupId of missing) words.push(`${backupId}: ${(await uploads.uploadBackup({ backupId })).detail}`);
      this.copy = 'there';
      return words.join('; ');
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { message } = describeFailure(error);
      this.run.leaveByHand(`the copy of backup ${this.backupId} in the storage is missing (${message}); the next backup stores it, too`);
      return `the copy is missing: ${message}`;
    }
  }

  private async retain(): Promise<string> {
    const { removed, detail } = await quick.applyRetention({ prune: this.params.prune });
    this.run.figure('removed', removed);
    return detail;
  }
}

function bytesOf(files: readonly BackupFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

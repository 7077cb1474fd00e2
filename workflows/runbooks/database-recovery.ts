/**
 * Recovers the ledger's database: from a verified backup, and from the exchange and Temporal whatever is newer. It lives in
 * Temporal, so it goes on while the database is away; its record is written into the database that it has brought back.
 *
 * Invariants
 * 1. The fence comes first and opens last, when the bot, asked anew, agrees with the exchange. Whatever fails, it holds.
 * 2. Nothing of the damaged database is deleted: it stays under another name, and so does a data directory that no server opens.
 * 3. Until the swap the live database is only read; a run that ends before it leaves everything as it was.
 * 4. A damaged backup that nobody asked for by name is passed over: an older one only means that more is fetched from the exchange.
 */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RecoveryActivities } from '../../activities/runbooks/recovery/recovery-activities.js';
import type { Fence } from '../../activities/runbooks/recovery/fence.js';
import type { RestartActivities } from '../../activities/runbooks/restart/restart-activities.js';
import type { ErrorCode } from '../../core/errors/catalogue.js';
import type { BackupSummary } from '../../core/ports/backups.js';
import { mergedReports, reportWords } from '../../core/reconciliation/recovery-report.js';
import { fenceIdFor, keptClusterName, recoveryNames, RECOVERY_STEPS as STEPS, type DatabaseRecoveryParams, type RecoveryNames } from '../../core/runbooks/database-recovery.js';
import type { Json } from '../../core/runbooks/plan.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { describeFailure } from '../failure-detail.js';
import { bringServerUp } from '../runbook/database-server.js';
import { recoverAllParts, settleSpan, verifyHistory } from '../runbook/recovered-history.js';
import { ignoreUnlessCancelled } from '../runbook/ignore-unless-cancelled.js';
import { runbook } from '../runbook/runbook.js';
import type { RunInProgress } from '../runbook/run-in-progress.js';
import type { RunbookRequest } from '../runbook-messages.js';

/** What was kept is not what was written (catalogue). */
const DAMAGED: ErrorCode = 40003;
const AGREE_MS_MAX = 60_000;
const RELEASE_MS_MAX = 30_000;
/** Trades are asked of Temporal from so long before the backup on: clocks of hosts differ. */
const CLOCKS_DIFFER_MS = 60_000;

const { botStanding } = proxyActivities<RestartActivities>({ startToCloseTimeout: 15_000, retry: { maximumAttempts: 5, initialInterval: 200, maximumInterval: 2_000 } });
/** All of them say every second that they live: the death of a worker costs no more than the silence it takes to be noticed. */
const heartbeatTimeout = 6_000;
const asks = proxyActivities<RecoveryActivities>({ startToCloseTimeout: 60_000, heartbeatTimeout, retry: { maximumAttempts: 10, initialInterval: 200, maximumInterval: 3_000 } });
const works = proxyActivities<RecoveryActivities>({ startToCloseTimeout: '24 hours', heartbeatTimeout, retry: { maximumAttempts: 50, initialInterval: 500, maximumInterval: 15_000 } });

export function databaseRecovery(request: RunbookRequest<DatabaseRecoveryParams>): Promise<RunbookResult> {
  return runbook('databaseRecovery', request, async (run, params) => new Recovery(run, await facts(params), params).carryOut());
}

interface Facts {
  live: string;
  names: RecoveryNames;
  backup: BackupSummary;
  keptCluster: string;
}

async function facts({ backup_id: wanted }: DatabaseRecoveryParams): Promise<Facts> {
  const startedMs = workflowInfo().startTime.getTime();
  const [live, backup] = await Promise.all([asks.nameOfLedger(), asks.chooseBackup(wanted)]);
  return { live, backup, names: recoveryNames(live, startedMs), keptCluster: keptClusterName(startedMs) };
}

class Recovery {
  private fence: Fence | undefined;
  private wasRunning = false;
  private swapped = false;
  /** under which name what was damaged stays: a database, or a whole data directory */
  private keptAs: string;
  private readonly fenceId = fenceIdFor(workflowInfo().runId);

  constructor(private readonly run: RunInProgress, private readonly facts: Facts, private readonly params: DatabaseRecoveryParams) {
    this.keptAs = facts.names.kept;
  }

  async carryOut(): Promise<string> {
    const { run } = this;
    await run.step(STEPS.fence, () => this.stopTrading());
    await run.step(STEPS.preserve, () => this.preserve(), { interruptible: true });
    await run.step(STEPS.restore, () => this.restore(), { interruptible: true });
    await run.step(STEPS.migrate, () => this.migrate());
    await run.step(STEPS.verify, () => asks.verifyRestored(this.facts.names.restored));
    await run.step(STEPS.carryOver, () => asks.carryOver(this.facts.names.restored));
    await run.step(STEPS.swap, () => this.swap());
    await run.step(STEPS.history, () => this.recoverHistory(), { uncancellable: true });
    await run.step(STEPS.reconcile, () => this.reconcile(), { uncancellable: true });
    await run.step(STEPS.resume, () => this.resume(), { uncancellable: true });
    const { live, backup } = this.facts;
    return `${live} is recovered from backup ${backup.backupId}, and from the exchange what happened since; the damaged one is kept as ${this.keptAs}`;
  }

  private async stopTrading(): Promise<string> {
    const { reason, actor } = this.run.given;
    const { lifecycle, detail } = await botStanding();
    this.run.takeBackUnlessDone('open the fence around the recovery', (ending) => this.afterBreakingOff(ending));
    this.fence = await asks.fenceTrading({ haltId: this.fenceId, atMs: Date.now(), reason: `database recovery: ${reason}`, actor });
    this.wasRunning = this.fence.origin === 'fresh' && (lifecycle === 'running' || lifecycle === 'starting');
    return `${this.fence.detail}; before: ${detail}`;
  }

  private async preserve(): Promise<string> {
    const { names, keptCluster } = this.facts;
    const server = await bringServerUp({ standing: () => asks.serverStanding(), keepAs: keptCluster });
    if (server.beganAnew) this.keptAs = keptCluster;
    this.run.figure('keptAs', this.keptAs);
    const { file, detail } = await works.preserveDatabase(names.kept);
    this.run.figure('dumpOfDamaged', file);
    return `${server.detail}; ${detail}`;
  }

  private async restore(): Promise<string> {
    for (;;) {
      try {
        return await this.restoreFrom(this.facts.backup.backupId);
      } catch (error) {
        await this.passOver(error);
      }
    }
  }

  private async restoreFrom(backupId: string): Promise<string> {
    const report = await works.restoreInto({ backupId, database: this.facts.names.restored });
    this.run.figure('restore', { backupId: report.backupId, bytes: report.bytes, rows: report.rows, seconds: report.seconds, amcheck: report.amcheck });
    return report.detail;
  }

  /** A damaged backup counts no more, so that the choice falls on the next older one. Throws the failure itself where there is no choice. */
  private async passOver(failure: unknown): Promise<void> {
    const { code, message } = describeFailure(failure);
    const { backupId } = this.facts.backup;
    if (code !== DAMAGED || this.params.backup_id !== null) throw failure;
    const next = await this.chooseAfter(backupId);
    if (next === null) throw failure;
    this.run.leaveByHand(`backup ${backupId} is damaged and was passed over, look at the disk that holds it: ${message}`);
    this.facts.backup = next;
  }

  /** null: there is none, and the record says why. */
  private async chooseAfter(damagedId: string): Promise<BackupSummary | null> {
    try {
      const next = await asks.chooseBackup(null);
      if (next.backupId !== damagedId) return next;
      this.run.leaveByHand(`damaged backup ${damagedId} still counts as verified: verify it, then run this again: npx bot backup verify ${damagedId}`);
    } catch (error) {
      ignoreUnlessCancelled(error);
      this.run.leaveByHand(`no other backup takes the place of damaged ${damagedId}: ${describeFailure(error).message}`);
    }
    return null;
  }

  private async migrate(): Promise<string> {
    const applied = await asks.migrateRestored(this.facts.names.restored);
    return applied.length === 0 ? 'the backup has the schema of this program' : `applied: ${applied.join(', ')}`;
  }

  private async swap(): Promise<string> {
    const { live, names } = this.facts;
    const { kind, endedSessions } = await asks.swapDatabases({ live, ...names });
    this.swapped = true;
    return kind === 'already' ? `${names.restored} is ${live} already` : `${names.restored} is ${live} now, the damaged one is ${names.kept}; ${endedSessions} sessions were ended`;
  }

  /** What Temporal remembers comes first: it knows what no execution says (of trades strategy, decision, measured times; of runbooks everything). */
  private async recoverHistory(): Promise<string> {
    const recalled = [await works.recallTrades(this.sinceMs), await works.recallRuns(this.sinceMs)];
    const fromMs = await asks.historyGap(this.facts.backup.watermark.newestExecutionMs);
    const { span, past } = await settleSpan({ fromMs, untilMs: Number.MAX_SAFE_INTEGER, symbols: [] });
    const found = mergedReports([...(await recoverAllParts(span)), ...(await verifyHistory(past))]);
    this.run.figure('recovered', found as unknown as Json);
    for (const what of found.left) this.run.leaveByHand(what);
    return `${recalled.join(' and ')}; ${reportWords(found)}; nothing is missing`;
  }

  private reconcile(): Promise<string> {
    return works.agreeAll({ sinceMs: this.sinceMs, untilMs: Date.now() + AGREE_MS_MAX });
  }

  private async resume(): Promise<string> {
    const { fence } = this;
    this.run.nothingToTakeBack();
    this.run.figure('fencedSeconds', (Date.now() - workflowInfo().startTime.getTime()) / 1_000);
    if (fence?.origin === 'operator') {
      this.run.leaveByHand(`emergency stop ${fence.haltId} was set before the recovery and still holds: release it when you are ready`);
      return `emergency stop ${fence.haltId} still holds: it is not this recovery's`;
    }
    if (fence?.origin === 'left') this.run.leaveByHand('what the bot did before the first recovery is not known: resume it: npx bot resume');
    return this.openFence();
  }

  private openFence(): Promise<string> {
    const { runId } = workflowInfo();
    return works.releaseFence({ haltId: this.fence?.haltId ?? this.fenceId, commandId: runId, reason: 'the database is recovered', actor: this.run.given.actor, resume: this.wasRunning, untilMs: Date.now() + RELEASE_MS_MAX });
  }

  private get sinceMs(): number {
    return this.facts.backup.takenAtMs - CLOCKS_DIFFER_MS;
  }

  /** A run that was cancelled before the swap leaves no trace; any other end leaves trading fenced. */
  private async afterBreakingOff(ending: 'failed' | 'cancelled'): Promise<void> {
    const { live, names } = this.facts;
    // databases that are left over are only untidy; that trading is fenced has to be told in any case
    if (!this.swapped) await asks.givenUp({ live, restored: names.restored }).catch(ignoreUnlessCancelled);
    if (ending === 'cancelled' && this.fence?.origin === 'fresh') {
      await this.openFence();
    } else if (this.fence?.origin === 'operator') {
      this.run.leaveByHand(`emergency stop ${this.fence.haltId} still holds, as before`);
    } else {
      this.run.leaveByHand(`trading is fenced (latch ${this.fence?.haltId ?? this.fenceId}), stops on the exchange stay: mend what the failed step says or take an older backup (npx bot backup list), then run it again: npx bot restore`);
    }
  }
}

/**
 * Restarts services without losing an operation in flight, and trades again only after the new processes have shown that
 * they work. Whatever fails after the pause, trading stays paused: stops on the exchange stay, exits go on.
 *
 * Invariants
 * 1. Only what was running before is resumed, and only this run's own pause is taken back.
 * 2. A process is asked to leave at most once: the request names it, its successor does not obey it.
 */
import { ApplicationFailure, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { RestartActivities, Standing } from '../../activities/runbooks/restart/restart-activities.js';
import { interruptsTrading, pauseReason, RESTART_STEPS as STEPS, type GracefulRestartParams, type Service, type ServiceInstance } from '../../core/runbooks/graceful-restart.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import type { CommandRequest } from '../messages.js';
import { askToLeave, isSameProcess, rehearse, restartSupervised, supervisedPart, whoAnswers } from '../runbook/processes.js';
import { runbook } from '../runbook/runbook.js';
import type { RunInProgress } from '../runbook/run-in-progress.js';
import type { ProcessIdentity, RunbookRequest } from '../runbook-messages.js';

const QUIET_MS_MAX = 30_000;
const HEALTH_MS_MAX = 60_000;
/** longer than the supervisor lets a process wait that keeps dying (embedded/supervisor/restart-backoff.ts), and its start */
const DECISION_MS_MAX = 60_000;
/** longer than a process takes to leave gracefully and come back; then the supervisor is asked, or a person */
const UNAIDED_MS_MAX = 25_000;
const NEW_INSTANCE_MS_MAX = 600_000;
const ASK_AGAIN_MS = 100;
/** each takes as long as a query may, some seconds */
const STANDING_ATTEMPTS_MAX = 4;

const asks = proxyActivities<RestartActivities>({ startToCloseTimeout: 15_000, retry: { maximumAttempts: 5, initialInterval: 200, maximumInterval: 2_000 } });
const waits = proxyActivities<RestartActivities>({ startToCloseTimeout: 90_000, heartbeatTimeout: 5_000, retry: { initialInterval: 200, maximumInterval: 2_000 } });

/** The probes of /health that tell of a service. */
const PROBES: Record<Service, string[]> = { 'trading-worker': ['trading_worker', 'exchange_feed'], 'maintenance-worker': ['maintenance_worker'], api: [] };

export function gracefulRestart(request: RunbookRequest<GracefulRestartParams>): Promise<RunbookResult> {
  return runbook('gracefulRestart', request, (run, params) => new Restart(run, { params, reason: pauseReason(params, run.given.reason), actor: run.given.actor }).carryOut());
}

interface Process extends ServiceInstance {
  /** null: nobody answered before the restart */
  before: ProcessIdentity | null;
  now: ProcessIdentity | null;
}

class Restart {
  private processes: Process[] = [];
  private wasRunning = false;
  private pausedAtMs = 0;
  private stoppedAtMs = 0;

  constructor(private readonly run: RunInProgress, private readonly asked: { params: GracefulRestartParams; reason: string; actor: string }) {}

  async carryOut(): Promise<string> {
    const { run } = this;
    await run.step(STEPS.pause, () => this.pause());
    await run.step(STEPS.quiet, () => this.awaitQuiet(), { interruptible: true });
    await run.step(STEPS.save, () => this.save());
    await run.step(STEPS.stop, () => this.stop());
    await run.step(STEPS.wait, () => this.awaitNew(), { interruptible: true });
    await run.step(STEPS.health, () => this.verifyHealth(), { interruptible: true });
    await run.step(STEPS.decide, () => this.verifyDecision(), { interruptible: true });
    await run.step(STEPS.resume, () => this.resume(), { uncancellable: true });
    return `${this.asked.params.service} restarted: ${this.processes.map(({ service, now }) => `${service} is process ${now?.pid ?? '?'}`).join(', ')}`;
  }

  private get trades(): boolean {
    return interruptsTrading(this.asked.params.service);
  }

  private command(verb: 'pause' | 'resume'): CommandRequest {
    return { requestId: `${workflowInfo().runId}-${verb}`, reason: this.asked.reason, actor: this.asked.actor };
  }

  private async pause(): Promise<string> {
    const found = await asks.findInstances(this.asked.params);
    this.processes = await Promise.all(found.map(async (instance) => ({ ...instance, before: await whoAnswers(instance), now: null })));
    if (!this.trades) return 'not needed: trading goes on';
    const { lifecycle, detail } = await this.standing();
    this.wasRunning = lifecycle === 'running' || lifecycle === 'starting';
    if (!this.wasRunning) return lifecycle === null ? `nobody can say what the bot was doing (${detail}): it will not be resumed` : `it did not trade before: ${detail}`;
    this.pausedAtMs = Date.now();
    this.run.takeBackUnlessDone('resume trading: npx bot resume', (ending) => this.afterBreakingOff(ending));
    return asks.pauseTrading(this.command('pause'));
  }

  /** A bot that has only just begun may answer a moment later; what it was doing decides whether it is resumed. */
  private async standing(): Promise<Standing> {
    for (let attempt = 1; ; attempt++) {
      const standing = await asks.botStanding();
      if (standing.lifecycle !== null || attempt === STANDING_ATTEMPTS_MAX) return standing;
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** A run that was cancelled before anything was stopped leaves no trace; any other end leaves trading paused. */
  private async afterBreakingOff(ending: 'failed' | 'cancelled'): Promise<void> {
    if (ending === 'cancelled' && this.stoppedAtMs === 0) {
      await asks.resumeTrading({ pausedFor: this.pausedFor(), command: this.command('resume') });
      return;
    }
    this.run.leaveByHand('trading is paused: find out why the restart did not end well (GET /health), then resume it: npx bot resume');
  }

  private async awaitQuiet(): Promise<string> {
    if (!this.trades) return 'not needed: trading goes on';
    return (await waits.awaitQuiet({ untilMs: Date.now() + QUIET_MS_MAX })).detail;
  }

  private async save(): Promise<string> {
    const { actor, reason } = this.asked;
    const saved = await asks.saveStateForRestart({ actor, reason });
    this.run.figure('stateFile', saved.file);
    return saved.detail;
  }

  private async stop(): Promise<string> {
    this.stoppedAtMs = Date.now();
    const words: string[] = [];
    for (const process of this.processes) words.push(await this.stopOne(process));
    return words.join('; ');
  }

  private async stopOne({ service, instance, before }: Process): Promise<string> {
    if (before !== null && (await askToLeave({ service, instance }, before)) !== null) return `${service} ${instance} (process ${before.pid}) leaves`;
    return `${service} ${instance} does not answer: ${await this.callSupervisor(service)}`;
  }

  /** Plain words on who brings the service back. */
  private async callSupervisor(service: Service): Promise<string> {
    const part = await supervisedPart(service);
    if (part !== null && (await restartSupervised(part)) !== null) return 'its supervisor restarts it';
    this.run.leaveByHand(`start ${service} with whatever supervises it (systemctl restart, docker restart): it does not come back by itself`);
    return 'whatever supervises it has to start it';
  }

  private async awaitNew(): Promise<string> {
    const words = await Promise.all(this.processes.map((process) => this.awaitOne(process)));
    return words.join('; ');
  }

  private async awaitOne(process: Process): Promise<string> {
    for (let called = false; ; ) {
      const found = await whoAnswers(process);
      if (found !== null && this.isNew(process, found)) {
        process.now = found;
        return `${process.service} ${process.instance} is process ${found.pid} after ${((Date.now() - this.stoppedAtMs) / 1_000).toFixed(1)} s`;
      }
      // It was silent when it was asked to leave, and lives after all.
      if (found !== null && process.before === null) await askToLeave(process, found);
      const waitedMs = Date.now() - this.stoppedAtMs;
      if (waitedMs > NEW_INSTANCE_MS_MAX) throw ApplicationFailure.nonRetryable(`${process.service} ${process.instance} has not come back`, '10006');
      if (!called && waitedMs > UNAIDED_MS_MAX) {
        await this.callSupervisor(process.service);
        called = true;
      }
      await sleep(waitedMs > UNAIDED_MS_MAX ? 10 * ASK_AGAIN_MS : ASK_AGAIN_MS);
    }
  }

  private isNew({ before }: Process, found: ProcessIdentity): boolean {
    return before === null ? found.startedAtMs >= this.stoppedAtMs : !isSameProcess(before, found);
  }

  private verifyHealth(): Promise<string> {
    const renewed = this.processes.flatMap(({ service }) => PROBES[service]);
    const urls = this.processes.flatMap(({ now }) => (now?.url === undefined ? [] : [now.url]));
    return waits.awaitHealth({ sinceMs: this.stoppedAtMs, renewed, urls, untilMs: Date.now() + HEALTH_MS_MAX });
  }

  private async verifyDecision(): Promise<string> {
    if (!this.trades) return 'not needed: the trading worker was not restarted';
    const rehearsals = await Promise.all(this.processes.filter(({ service }) => service === 'trading-worker').map(rehearse));
    const [newest] = rehearsals.sort((a, b) => b.closeMs - a.closeMs);
    if (newest === undefined || newest.closeMs === 0) return 'the market has no closed candle yet';
    const decided = await waits.awaitDecision({ closeMs: newest.closeMs, untilMs: Date.now() + DECISION_MS_MAX });
    return `${decided}; rehearsed in the new process: ${newest.strategies.map(({ name, finding }) => `${name} ${finding}`).join(', ') || 'no strategy is enabled'}`;
  }

  private async resume(): Promise<string> {
    this.run.nothingToTakeBack();
    if (!this.trades) return 'not needed: trading went on';
    if (!this.wasRunning) return 'not resumed: it was not running before';
    const { resumed, detail } = await asks.resumeTrading({ pausedFor: this.pausedFor(), command: this.command('resume') });
    const seconds = (Date.now() - this.pausedAtMs) / 1_000;
    if (resumed) this.run.figure('tradingPausedSeconds', seconds);
    return resumed ? `${detail}; trading was paused for ${seconds.toFixed(1)} s` : detail;
  }

  /** As the bot puts it. */
  private pausedFor(): string {
    return `${this.asked.reason} (${this.asked.actor})`;
  }
}

/**
 * The emergency shutdown. The latch first, so that nothing more is sent; then orders are cancelled, positions closed when that
 * was asked for, and the exchange is asked whether it is true. Everything after that serves people: state, services, keys, SMS.
 *
 * Invariants
 * 1. A step that fails holds up no other: the latch is tried, and then nothing waits for it, nor for the bot, the ledger or an SMS.
 * 2. It ends only after the exchange has shown twice that it is done, the second time when nothing that was sent before the
 *    latch can still be in flight.
 * 3. Steps are idempotent: a worker that dies in one costs a repetition.
 * 4. It asks for no plan, and cancelling it stops the closing of positions only; the latch, the orders and the record go on.
 */
import { condition, proxyActivities, setHandler, sleep, startChild, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import type { EmergencyActivities, Verification } from '../activities/emergency/emergency-activities.js';
import type { SettleRequest } from '../activities/emergency/settle-exchange.js';
import type { StateActivities } from '../activities/runbooks/state/state-activities.js';
import { asksForMore, STOPPABLE, widened, type EmergencyWish } from '../core/emergency/emergency-order.js';
import { manualSteps, openInWords, type StillOpen } from '../core/emergency/words.js';
import type { Latch } from '../core/ports/emergency-latch.js';
import { EMERGENCY_STEPS as STEPS, withClosing, type ClosedSpan, type EmergencyShutdownParams } from '../core/runbooks/emergency-shutdown.js';
import type { RunbookResult } from '../core/runbooks/run.js';
import { EmergencyNotices } from './emergency/notices.js';
import { stopServices } from './emergency/stop-services.js';
import { keepEmergencyRecord } from './emergency/keep-emergency-record.js';
import { describeFailure } from './failure-detail.js';
import { widenEmergencySignal, type EmergencyMore, type RunbookRequest } from './runbook-messages.js';
import { runbookWithoutPlan } from './runbook/runbook.js';
import { RunbookCancelled, type RunInProgress } from './runbook/run-in-progress.js';
import { untilDone } from './until-done.js';

/** Two tries: whoever waits for the latch waits for no more. */
const eager = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 5_000, retry: { initialInterval: 100, maximumAttempts: 2 } });
const persistent = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 15_000, retry: { initialInterval: 200, maximumInterval: 5_000 } });
/** They work until they are done, and beat every second: a worker that dies is noticed within seconds. */
const lasting = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 600_000, heartbeatTimeout: 4_000, retry: { initialInterval: 100, maximumInterval: 3_000 } });
const { saveState } = proxyActivities<StateActivities>({ startToCloseTimeout: 30_000, retry: { maximumAttempts: 3, maximumInterval: 2_000 } });

/** After this long people are told that it is not done yet. */
const UNFINISHED_MS = 60_000;
const RECORD_TRIES = 3;
const PAUSE_MS = 500;
const ALWAYS = { uncancellable: true } as const;

export function emergencyShutdown(request: RunbookRequest<EmergencyShutdownParams>): Promise<RunbookResult> {
  return runbookWithoutPlan('emergencyShutdown', request, (run, params) => new Shutdown(run, params).carryOut());
}

class Shutdown {
  private wish: EmergencyWish;
  private latch: Latch;
  private latchTried = false;
  private readonly notices: EmergencyNotices;
  private closings: ClosedSpan | null;
  private last: Verification | null = null;
  private closingCancelled: RunbookCancelled | null = null;
  private readonly counts = { cancelled: 0, closingOrders: 0 };

  constructor(private readonly run: RunInProgress, private readonly params: EmergencyShutdownParams) {
    const { runId, startTime } = workflowInfo();
    const { reason, actor } = run.given;
    this.wish = { closePositions: params.close_positions, stopServices: params.stop_services };
    this.latch = { haltId: params.halt_id ?? `halt-${runId.slice(0, 8)}`, atMs: params.asked_at_ms ?? startTime.getTime(), reason: reason || 'emergency stop', actor };
    this.closings = params.direct?.closings ?? null;
    this.notices = new EmergencyNotices(this.latch, params.direct?.notified ?? []);
    setHandler(widenEmergencySignal, (more) => this.widen(more ?? {}));
  }

  async carryOut(): Promise<string> {
    const halted = this.run.step(STEPS.halt, () => this.halt(), ALWAYS);
    await condition(() => this.latchTried);
    void this.notices.tell({ kind: 'activated' });
    let outcome: string;
    let done: EmergencyWish;
    do {
      done = await this.settleInTime();
      outcome = await this.servePeople();
      // somebody may have asked for more meanwhile
    } while (asksForMore(done, this.wish));
    await halted;
    if (this.closingCancelled !== null) throw this.closingCancelled;
    return outcome;
  }

  private async settleInTime(): Promise<EmergencyWish> {
    const settled = { yet: false };
    void this.tellWhenUnfinished(() => settled.yet);
    const done = await this.settle();
    settled.yet = true;
    return done;
  }

  /** What follows once the exchange has shown that it is done. */
  private async servePeople(): Promise<string> {
    const outcome = this.outcome();
    await this.run.step(STEPS.save, () => this.save(), ALWAYS);
    await this.run.step(STEPS.stop, () => stopServices(this.wish.stopServices, (what) => this.run.leaveByHand(what)), ALWAYS);
    await this.run.step(STEPS.keys, () => this.keys(), ALWAYS);
    await this.run.step(STEPS.notify, () => this.notify(outcome), ALWAYS);
    await this.run.step(STEPS.record, () => this.record(outcome), ALWAYS);
    return outcome;
  }

  /** Anybody can type a signal: what cannot be read asks for nothing. */
  private widen({ closePositions, stopServices, direct }: Partial<EmergencyMore>): void {
    this.closings = withClosing(this.closings, direct?.closings ?? null);
    const more = { closePositions: closePositions === true, stopServices: STOPPABLE.filter((service) => stopServices?.includes(service) === true) };
    if (asksForMore(this.wish, more)) this.wish = widened(this.wish, more);
  }

  private get request(): SettleRequest {
    return { haltId: this.latch.haltId, closePositions: this.wish.closePositions };
  }

  private async halt(): Promise<string> {
    const first = await eager.setLatch(this.latch).catch(() => null);
    this.latchTried = true;
    this.latch = first ?? (await untilDone('set the emergency latch', () => persistent.setLatch(this.latch)));
    this.run.figure('haltId', this.latch.haltId);
    const answer = await untilDone('halt the bot', () => persistent.haltBot(this.latch));
    return `no entry is sent while halt ${this.latch.haltId} holds; ${HALT_WORDS[answer]}`;
  }

  /** Until the exchange has shown it twice, also for what is asked for meanwhile; resolves with what was done. */
  private async settle(): Promise<EmergencyWish> {
    for (;;) {
      const { wish } = this;
      await Promise.all([this.run.step(STEPS.cancel, () => this.cancel(), ALWAYS), this.closeUnlessCancelled()]);
      await this.run.step(STEPS.verify, () => this.verify(), ALWAYS);
      if (this.last?.settled === true && !asksForMore(wish, this.wish)) return this.wish;
      await sleep(PAUSE_MS);
    }
  }

  private async closeUnlessCancelled(): Promise<void> {
    try {
      await this.run.step(STEPS.close, () => this.close(), { interruptible: true });
    } catch (error) {
      if (!(error instanceof RunbookCancelled)) throw error;
      this.closingCancelled = error;
      this.wish = { ...this.wish, closePositions: false };
    }
  }

  private async cancel(): Promise<string> {
    const { count, atMs } = await untilDone('cancel all orders', () => lasting.cancelOrders(this.request));
    this.counts.cancelled += count;
    this.run.figure('ordersCancelled', this.counts.cancelled);
    this.run.figure('secondsToNoRisk', this.secondsUntil(atMs));
    return this.wish.closePositions ? `${this.counts.cancelled} orders cancelled` : `${this.counts.cancelled} orders cancelled; stops and take-profits stay`;
  }

  private async close(): Promise<string> {
    if (!this.wish.closePositions) return 'not asked for: positions stay open under their stops';
    await untilDone('see what is open', () => this.noteClosings());
    const { count, atMs } = await untilDone('close all positions', () => lasting.closeAllPositions(this.request));
    this.counts.closingOrders += count;
    this.run.figure('closingOrders', this.counts.closingOrders);
    this.run.figure('secondsToFlat', this.secondsUntil(atMs));
    return `the exchange shows no position; ${this.counts.closingOrders} closing orders`;
  }

  /** What is about to be closed: its orders are looked up by that when the ledger is told. */
  private async noteClosings(): Promise<void> {
    const { symbols, newestMs } = await persistent.lookAtExchange();
    if (symbols.length > 0) this.closings = withClosing(this.closings, { symbols, fromMs: newestMs });
  }

  private async verify(): Promise<string> {
    this.last = await untilDone('ask the exchange', () => persistent.verifyExchange(this.request));
    if (!this.last.settled) return `not yet: ${openInWords(this.last)}`;
    await sleep(this.last.inFlightMs);
    this.last = await untilDone('ask the exchange once more', () => persistent.verifyExchange(this.request));
    if (!this.last.settled) return `something that was in flight has arrived: ${openInWords(this.last)}`;
    return `asked twice, ${this.last.inFlightMs} ms apart: ${openInWords(this.last)}`;
  }

  private outcome(): string {
    return `halt ${this.latch.haltId}: ${openInWords(this.last)}`;
  }

  private async save(): Promise<string> {
    try {
      const saved = await saveState({ kind: 'emergency', reason: this.latch.reason, actor: this.latch.actor });
      this.run.figure('stateFile', saved.file);
      return saved.detail;
    } catch (error) {
      this.run.leaveByHand('the state could not be saved: npx bot save-state --emergency');
      return `not saved: ${describeFailure(error).message}`;
    }
  }

  private async keys(): Promise<string> {
    const now: StillOpen | null = await eager.lookAtExchange().catch(() => this.last);
    for (const step of manualSteps(now)) this.run.leaveByHand(step);
    this.run.leaveByHand(`to trade again, once the cause is dealt with: npx bot release ${this.latch.haltId} --reason TEXT`);
    return 'left to a person: see what has to be done by hand';
  }

  private async notify(outcome: string): Promise<string> {
    const words = await this.notices.tell({ kind: 'ended', outcome });
    if (this.notices.unheard) this.run.leaveByHand('nobody was notified: call those who have to know');
    return words;
  }

  private async tellWhenUnfinished(isSettled: () => boolean): Promise<void> {
    if (await condition(isSettled, UNFINISHED_MS)) return;
    await this.notices.tell({ kind: 'unfinished', afterSeconds: UNFINISHED_MS / 1_000, because: openInWords(this.last) });
  }

  /** A ledger that is away gets it later, by a workflow that does nothing else. */
  private async record(outcome: string): Promise<string> {
    for (;;) {
      const { closings } = this;
      const words = await this.recordOnce(outcome);
      // what was done without Temporal may have been handed over meanwhile
      if (closings === this.closings) return words;
    }
  }

  private async recordOnce(outcome: string): Promise<string> {
    const { latch, closings } = this;
    const direct = this.params.direct === null ? '' : `; begun without Temporal, see ${this.params.direct.journal ?? 'the log'}`;
    const entry = { latch, closings, message: `Emergency stop activated by ${latch.actor}: ${latch.reason}; ${outcome}${direct}` };
    const { recordEmergency } = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 15_000, retry: { initialInterval: 300, maximumAttempts: RECORD_TRIES } });
    try {
      await recordEmergency(entry);
      return `recorded as emergency-${latch.haltId}`;
    } catch {
      await startChild(keepEmergencyRecord, { workflowId: `record-emergency-${latch.haltId}-${workflowInfo().runId}`, args: [entry], parentClosePolicy: ParentClosePolicy.ABANDON });
      return 'the ledger is away: it is written when it is back';
    }
  }

  private secondsUntil(atMs: number): number {
    return Math.max(0, Math.round((atMs - this.latch.atMs) / 100) / 10);
  }
}

const HALT_WORDS = {
  obeyed: 'the bot is halted',
  queued: 'no trading worker answers: the bot is halted as soon as one is back',
  absent: 'no bot is running; it reads the latch when it starts',
} as const;

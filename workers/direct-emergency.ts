/**
 * The emergency stop that needs neither Temporal nor PostgreSQL: this process acts on the exchange itself, with the same decisions
 * and under the same ids as the workflow, keeps a journal, and leaves the order for the workflow to take over.
 *
 * Invariants
 * 1. The latch file and the order's file come first; what cannot be written holds up nothing.
 * 2. It works until the exchange has shown twice that it is done, however long that takes, and says so in the journal.
 * 3. Asking again joins what runs; asking for more makes it do more.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { cancelOrders, closeAllPositions, lookAtExchange, lookOf, messageOf, viewOf, type SettleDependencies } from '../activities/emergency/settle-exchange.js';
import { isSettled } from '../core/emergency/decide-round.js';
import { asksForMore, widened, type EmergencyOrder } from '../core/emergency/emergency-order.js';
import { withClosing, type ClosedSpan } from '../core/runbooks/emergency-shutdown.js';
import { manualSteps, openInWords, stillOpen, type EmergencyStage, type StillOpen } from '../core/emergency/words.js';
import type { EmergencyJournal, PendingEmergency } from '../core/ports/emergency-journal.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';
import type { DirectStanding, EmergencyStop } from '../core/ports/emergency-stop.js';
import type { Logger } from '../core/ports/logger.js';
import { EmergencyTelling, type TellingDependencies } from './emergency-telling.js';

export interface DirectEmergencyDependencies extends TellingDependencies {
  /** why this process cannot reach the exchange, or what it reaches it by */
  exchange: { kind: 'none'; because: string } | { kind: 'reachable'; exchange: SettleDependencies['exchange']; recvWindowMs: number };
  latch: EmergencyLatch;
  journal: EmergencyJournal;
  /** plain words on what was saved; absent: this process knows nothing of the bot */
  saveState?: (order: EmergencyOrder) => Promise<string>;
  logger: Logger;
}

const PAUSE_MS = 500;
const LINES_KEPT = 200;
/** A workflow that gives no sign of life within this time is not waited for. */
const SIGN_OF_LIFE_MS = 6_000;
const ASK_EVERY_MS = 500;
/** An exchange that does not show what is open keeps the order from being kept no longer than this. */
const LOOK_WITHIN_MS = 2_000;

export function createDirectEmergency(deps: DirectEmergencyDependencies): EmergencyStop & { settled(): Promise<DirectStanding | null> } {
  let run: DirectRun | undefined;
  const act = (order: EmergencyOrder): DirectStanding => {
    if (run === undefined || (run.standing().state !== 'acting' && run.standing().haltId !== order.haltId) || run.standing().state === 'refused') run = begin(order);
    else if (run.standing().state === 'done' && run.wants(order)) run = begin({ ...order, ...widened(run.order, order) });
    else run.widen(order);
    return run.standing();
  };
  const begin = (order: EmergencyOrder): DirectRun => {
    const begun = new DirectRun(deps, order);
    begun.start();
    return begun;
  };
  return {
    act,
    actUnless: (order, isUnderWay) => void waitForLife(isUnderWay, deps.now).then((alive) => { if (!alive) act(order); }),
    standing: () => run?.standing() ?? null,
    settled: async () => {
      await run?.ended;
      return run?.standing() ?? null;
    },
  };
}

async function waitForLife(isUnderWay: () => Promise<boolean>, now: () => number): Promise<boolean> {
  for (const untilMs = now() + SIGN_OF_LIFE_MS; now() < untilMs; await delay(ASK_EVERY_MS)) {
    if (await isUnderWay().catch(() => false)) return true;
  }
  return false;
}

class DirectRun {
  ended: Promise<void> = Promise.resolve();
  private state: DirectStanding['state'] = 'acting';
  private readonly sinceMs: number;
  private readonly lines: string[] = [];
  private readonly figures: Record<string, number> = {};
  private remaining: string[] = [];
  private journal: string | null;
  private readonly pending: PendingEmergency;
  private readonly telling: EmergencyTelling;
  /** what was kept last; null: nothing, or it could not be written */
  private kept: string | null = null;
  private keeping = Promise.resolve();

  constructor(private readonly deps: DirectEmergencyDependencies, public order: EmergencyOrder) {
    this.sinceMs = deps.now();
    this.journal = deps.journal.fileOf(order.haltId);
    this.pending = { order, notified: [], closings: null };
    this.telling = new EmergencyTelling({ ...deps, onDelivered: () => void this.keep() }, order, this.pending.notified);
  }

  standing(): DirectStanding {
    const { state, sinceMs, lines, remaining, figures, journal } = this;
    return { haltId: this.order.haltId, state, sinceMs, lines: [...lines], remaining: [...remaining], figures: { ...figures }, journal };
  }

  wants(more: EmergencyOrder): boolean {
    return asksForMore(this.order, more);
  }

  widen(more: EmergencyOrder): void {
    if (!this.wants(more)) return;
    this.order = { ...this.order, ...widened(this.order, more) };
    this.note(`asked for more: ${this.order.closePositions ? 'close all positions' : 'halt'}`);
    void this.keep();
  }

  start(): void {
    const { exchange } = this.deps;
    if (exchange.kind === 'none') return this.refuse(exchange.because);
    this.ended = this.carryOut({ ...exchange, now: this.deps.now, pause: (ms) => delay(ms) }).catch((error: unknown) => this.note(`broken off: ${messageOf(error)}`));
  }

  private refuse(because: string): void {
    this.state = 'refused';
    this.note(`this process cannot act on the exchange: ${because}`);
    void this.keep();
  }

  private async carryOut(settling: SettleDependencies): Promise<void> {
    this.note(`emergency stop by ${this.order.actor}: ${this.order.reason}`);
    await Promise.all([this.setLatch(), this.takeUp(settling)]);
    const activated = this.telling.tell({ kind: 'activated' });
    const open = await this.settle(settling);
    this.remaining = manualSteps(open);
    this.note(`done: ${openInWords(open)}`);
    if (this.deps.saveState !== undefined) await this.saveState();
    await activated;
    await this.tellTheEnd(open);
    this.state = 'done';
    await this.keep();
  }

  /** The order is handed over from the moment it is kept; whoever records it has to know by then what is being closed. */
  private async takeUp(settling: SettleDependencies): Promise<void> {
    await this.takeUpEarlier();
    await Promise.race([this.noteClosings(settling, this.order.closePositions), delay(LOOK_WITHIN_MS)]);
    await this.keep();
  }

  /** What an earlier life of this process has left of the same halt. */
  private async takeUpEarlier(): Promise<void> {
    const earlier = (await this.deps.journal.pending()).find(({ order }) => order.haltId === this.order.haltId);
    if (earlier === undefined) return;
    this.pending.notified.push(...earlier.notified);
    this.pending.closings = earlier.closings;
    this.order = { ...this.order, ...widened(this.order, earlier.order) };
  }

  private async setLatch(): Promise<void> {
    const { haltId, atMs, reason, actor } = this.order;
    try {
      await this.deps.latch.set({ haltId, atMs, reason, actor });
      this.note('the latch is set: no order that increases risk is sent any more, by any process');
    } catch (error) {
      this.note(`THE LATCH COULD NOT BE SET: ${messageOf(error)}`);
      this.remaining = ['stop the bot: its latch could not be set'];
    }
  }

  private async settle(deps: SettleDependencies): Promise<StillOpen> {
    for (;;) {
      const request = { haltId: this.order.haltId, closePositions: this.order.closePositions };
      const note = (what: string): void => this.note(what);
      const [cancelled, closed] = await Promise.all([cancelOrders(deps, request, note), request.closePositions ? closeAllPositions(deps, request, { note, closing: (span) => this.closing(span) }) : null]);
      this.figure('secondsToNoRisk', cancelled.atMs);
      if (closed !== null) this.figure('secondsToFlat', closed.atMs);
      const open = await this.askTwice(deps);
      if (open !== null) return open;
      await delay(PAUSE_MS);
    }
  }

  /** null: not done yet */
  private async askTwice(deps: SettleDependencies): Promise<StillOpen | null> {
    const wish = { ...this.order };
    try {
      for (const last of [false, true]) {
        const view = await viewOf(deps);
        this.note(`asked the exchange: ${openInWords(stillOpen(view))}`);
        if (!isSettled(view, wish) || this.wants({ ...this.order, ...wish })) return null;
        if (last) return asksForMore(wish, this.order) ? null : stillOpen(view);
        // an order that was sent before the latch was set may still arrive
        await delay(lookOf(view, deps).inFlightMs);
      }
    } catch (error) {
      this.note(`asking the exchange: ${messageOf(error)}`);
    }
    return null;
  }

  private closing(span: ClosedSpan): void {
    this.pending.closings = withClosing(this.pending.closings, span);
    void this.keep();
  }

  private async noteClosings(deps: SettleDependencies, closes: boolean): Promise<void> {
    if (!closes) return;
    try {
      const { symbols, newestMs } = await lookAtExchange(deps);
      if (symbols.length > 0) this.pending.closings = withClosing(this.pending.closings, { symbols, fromMs: newestMs });
    } catch (error) {
      this.note(`asking what is open: ${messageOf(error)}`);
    }
  }

  private async saveState(): Promise<void> {
    try {
      this.note(`state saved: ${(await this.deps.saveState?.(this.order)) ?? ''}`);
    } catch (error) {
      this.note(`the state could not be saved: ${messageOf(error)}`);
    }
  }

  /** Once the workflow has taken over it tells the end itself. */
  private async tellTheEnd(open: StillOpen): Promise<void> {
    if (!(await this.deps.journal.isPending(this.order.haltId))) return;
    const stage: EmergencyStage = { kind: 'ended', outcome: openInWords(open) };
    if (!(await this.telling.tell(stage))) this.remaining.push('nobody was notified: call those who have to know');
  }

  /** One after the other: it is one file. */
  private keep(): Promise<void> {
    this.keeping = this.keeping.then(() => this.keepNow());
    return this.keeping;
  }

  private async keepNow(): Promise<void> {
    const { journal } = this.deps;
    const said = JSON.stringify([this.order, this.pending.closings]);
    // what was handed over already is not handed over once more
    if (this.kept === said && !(await journal.isPending(this.order.haltId))) return;
    const written = await journal.keep({ ...this.pending, order: this.order });
    this.kept = written ? said : null;
    if (!written) this.journal = null;
  }

  private note(what: string): void {
    this.lines.push(what);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    this.deps.logger.warning(`Emergency without Temporal: ${what}`, { haltId: this.order.haltId });
    this.deps.onLine?.(what);
    void this.deps.journal.note(this.order.haltId, { at: new Date(this.deps.now()).toISOString(), what });
  }

  private figure(name: string, atMs: number): void {
    this.figures[name] = Math.max(0, Math.round((atMs - this.order.atMs) / 100) / 10);
  }
}

/** The one loop that acts: waits for a reason, deals with the newest boundary, keeps the ledger's memory of the bot fresh. */
import { condition, log, setCurrentDetails } from '@temporalio/workflow';
import type { Wallet } from '../../core/orders/order.js';
import type { BotMemory } from '../../core/ports/bot-memory.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import type { BoundaryReport } from '../../core/trading/boundary-report.js';
import { decideBoundary, type BoundaryAction, type BoundaryDecision } from '../../core/trading/decide-boundary.js';
import { describeFailure } from '../failure-detail.js';
import { noteEvent, obeyLatch, observeEquity, takeNotice } from './notice.js';
import type { TradeReport } from '../messages.js';
import { agreementOf, describeDisagreement, tradesToInspect } from './agreement-of.js';
import { reads, writes } from './bot-activities.js';
import { memoryOf, type BotState } from './bot-state.js';
import { viewsAfter } from './bot-views.js';
import { TradeDesk } from './trade-desk.js';

/** Pause before the exchange is asked again while it, the ledger and the bot do not agree, host time. */
const ASK_AGAIN_MS = 1_000;

/** Without any message, before the history is cut, host time. */
const SILENCE_MS = 100;
const SILENCE_ROUNDS_MAX = 20;

export class BotLoop {
  readonly desk: TradeDesk;
  private changes = 0;
  /** changes that the present round has seen */
  private seen = 0;
  private changedSymbols: string[] = [];

  constructor(readonly state: BotState) {
    this.desk = new TradeDesk(state);
  }

  wake(): void {
    this.changes += 1;
  }

  announce({ closeMs, receivedAtMs }: { closeMs: number; receivedAtMs: number }): void {
    if (closeMs <= this.state.announcedMs) return;
    this.state.announcedMs = closeMs;
    this.state.receivedAtMs = receivedAtMs;
  }

  accountChanged(symbols: readonly string[]): void {
    this.changedSymbols = [...new Set([...this.changedSymbols, ...symbols])];
    this.wake();
  }

  tradeReported(report: TradeReport): void {
    this.desk.book(report);
    this.wake();
  }

  async resumeTrades(rows: readonly TradeRow[]): Promise<void> {
    for (const row of rows) await this.desk.resume(row);
  }

  /** Whatever is due now. */
  async work(): Promise<void> {
    this.seen = this.changes;
    if (this.boundaryIsDue()) await this.dealWith(this.state.announcedMs);
    await this.inspectChangedTrades();
  }

  async waitForReason(): Promise<void> {
    const woken = await condition(() => this.boundaryIsDue() || this.changes !== this.seen, this.waitMs());
    if (!woken) await this.lookForOverdueCandle();
  }

  /**
   * Leaves nothing half done before the history is cut, and waits for a moment of silence: a message that comes while the
   * server cuts makes it refuse the cut and, for seconds, every further message. A decision is recorded only afterwards, so
   * that a lock-step market stands still meanwhile.
   */
  async quiesce(): Promise<void> {
    for (let round = 0; round < SILENCE_ROUNDS_MAX; round += 1) {
      this.seen = this.changes;
      await this.inspectChangedTrades();
      const spoken = await condition(() => this.boundaryIsDue() || this.changes !== this.seen, SILENCE_MS);
      if (!spoken || this.boundaryIsDue()) return;
    }
  }

  private boundaryIsDue(): boolean {
    return this.state.announcedMs > this.state.decidedThroughMs;
  }

  /** Until the next candle is overdue, when market time is the host's; otherwise (a replay) a fixed while. */
  private waitMs(): number {
    if (this.state.unrecorded) return ASK_AGAIN_MS;
    const { lengthMs, overdueCheckMs } = this.state.schedule;
    const untilOverdueMs = this.state.decidedThroughMs + lengthMs + overdueCheckMs - Date.now();
    return untilOverdueMs > 0 && untilOverdueMs <= lengthMs + overdueCheckMs ? untilOverdueMs : overdueCheckMs;
  }

  private async lookForOverdueCandle(): Promise<void> {
    const newestMs = await this.attempt('newest boundary', () => reads.newestBoundary(this.state.overrides));
    if (newestMs === undefined || newestMs <= this.state.decidedThroughMs || newestMs <= this.state.announcedMs) return;
    this.announce({ closeMs: newestMs, receivedAtMs: Date.now() });
    const message = `Real-time feed disconnected: candle of ${new Date(newestMs).toISOString()} fetched by REST`;
    noteEvent(this.state, { eventId: `overdue-${newestMs}`, atMs: newestMs, code: 40006, message });
    await this.recordEvents();
  }

  /**
   * Decides the boundary, again and again until exchange, ledger and bot agree, and waits until its trades are settled.
   * In live trading the next boundary ends the waiting; a lock-step market stands still until this is done.
   */
  private async dealWith(closeMs: number): Promise<void> {
    const { state } = this;
    const acted: string[] = [];
    let wallet: Wallet | undefined;
    let evaluations: Record<string, unknown>[] = [];
    for (let agreed = false; !agreed && !this.isSuperseded(closeMs);) {
      const request = this.boundaryRequest(closeMs);
      const report = await this.attempt('evaluation', () => reads.evaluateBoundary(request));
      if (report) {
        state.forget = state.forget.filter((name) => !request.forget.includes(name));
        wallet ??= report.wallet;
        const outcome = await this.decideOn(report, { closeMs, wallet, acted });
        evaluations = outcome.evaluations;
        agreed = outcome.agreed;
      } else {
        state.blockedBecause = 'the exchange does not answer';
      }
      if (!agreed) await this.waitForChange(closeMs);
    }
    await condition(() => this.isSuperseded(closeMs) || this.state.trades.every(({ state }) => state === 'open'));
    await this.conclude(closeMs, { evaluations, wallet: wallet ?? null });
  }

  private isSuperseded(closeMs: number): boolean {
    return this.state.announcedMs > closeMs;
  }

  private async decideOn(report: BoundaryReport, at: { closeMs: number; wallet: Wallet; acted: string[] }): Promise<{ agreed: boolean; evaluations: Record<string, unknown>[] }> {
    const { state } = this;
    const agreement = agreementOf(report, state.trades);
    takeNotice(state, report);
    state.blockedBecause = describeDisagreement(agreement);
    if (agreement.kind === 'agreed' && state.lifecycle === 'starting') state.lifecycle = 'running';
    if (report.latch) obeyLatch(state, report.latch, Date.now());
    observeEquity(state, { closeMs: at.closeMs, equity: at.wallet.equity, nowMs: Date.now() });
    const decision = decideBoundary({ ...at, lifecycle: state.lifecycle, report, agreement, risk: state.risk, trades: state.trades });
    state.risk = decision.risk;
    state.views = viewsAfter(state.views, { closeMs: at.closeMs, reports: report.strategies, verdicts: decision.verdicts });
    await this.act(decision, at);
    for (const tradeId of tradesToInspect(agreement)) await this.desk.inspect(tradeId);
    return { agreed: agreement.kind === 'agreed', evaluations: evaluationsOf(decision) };
  }

  private async act(decision: BoundaryDecision, { closeMs, acted }: { closeMs: number; acted: string[] }): Promise<void> {
    acted.push(...decision.actions.map(({ strategy }) => strategy));
    await Promise.all(decision.actions.map((action) => this.perform(action, closeMs)));
  }

  private async perform(action: BoundaryAction, closeMs: number): Promise<void> {
    switch (action.kind) {
      case 'enter':
        return this.desk.open(action, { candleCloseMs: closeMs, receivedAtMs: this.state.receivedAtMs, decidedAtMs: Date.now() });
      case 'exit':
        return this.desk.exit(action.tradeId, { requestId: `${action.tradeId}-${closeMs}`, reason: 'signal' });
    }
  }

  /** Until a trade or the account speaks up, the boundary is superseded, or it is time to ask again. */
  private async waitForChange(closeMs: number): Promise<void> {
    const seen = this.changes;
    await this.inspectChangedTrades();
    await condition(() => this.changes !== seen || this.isSuperseded(closeMs), ASK_AGAIN_MS);
  }

  private async conclude(closeMs: number, decision: { evaluations: Record<string, unknown>[]; wallet: Wallet | null }): Promise<void> {
    const { state } = this;
    state.decidedThroughMs = closeMs;
    state.lastDecisionAtMs = Date.now();
    state.unrecorded = { decidedThroughMs: closeMs, ...decision };
    setCurrentDetails(`**${state.lifecycle}** · decided through ${new Date(closeMs).toISOString()} · ${state.trades.length} open trades${state.blockedBecause ? ` · no entries: ${state.blockedBecause}` : ''}`);
  }

  /** Writes what the ledger does not know yet; when it is away, the next round tries again. */
  async keepMemory(): Promise<void> {
    const { state } = this;
    const memory = memoryOf(state);
    const text = JSON.stringify(memory);
    const { unrecorded } = state;
    if (unrecorded || text !== state.savedMemory) {
      const saved = await this.attempt('memory', () => this.save(unrecorded, text === state.savedMemory ? null : memory));
      if (saved) {
        state.savedMemory = text;
        if (state.unrecorded === unrecorded) state.unrecorded = null;
      }
    }
    await this.recordEvents();
  }

  /** A decision takes the memory along: one write, and no more history for it. */
  private async save(unrecorded: BotState['unrecorded'], memory: BotMemory | null): Promise<true> {
    if (unrecorded) await writes.recordDecision({ decision: { ...unrecorded, lifecycle: this.state.lifecycle }, memory });
    else if (memory) await writes.saveBotMemory(memory);
    return true;
  }

  private async recordEvents(): Promise<void> {
    for (const event of [...this.state.events]) {
      const recorded = await this.attempt('event', () => writes.recordEvent(event).then(() => true));
      if (!recorded) return;
      this.state.events = this.state.events.filter(({ eventId }) => eventId !== event.eventId);
    }
  }

  private async inspectChangedTrades(): Promise<void> {
    const symbols = this.changedSymbols;
    this.changedSymbols = [];
    const trades = this.state.trades.filter(({ symbol, state }) => state !== 'opening' && symbols.includes(symbol));
    for (const { tradeId } of trades) await this.desk.inspect(tradeId);
  }

  private boundaryRequest(closeMs: number): Parameters<typeof reads.evaluateBoundary>[0] {
    const { trades, overrides, forget, configurationHash, ledgerWasOpened } = this.state;
    const openTrades = Object.fromEntries(trades.map(({ strategy, tradeId, side, referencePrice, decidedMs }) => [strategy, { tradeId, side, entryPrice: referencePrice, decidedMs }]));
    return { closeMs, openTrades, enabledOverrides: overrides, forget, configurationHash, ledgerWasOpened };
  }

  private async attempt<T>(what: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      log.warn(`Not done yet: ${what}`, { ...describeFailure(error) });
      return undefined;
    }
  }
}

function evaluationsOf(decision: BoundaryDecision): Record<string, unknown>[] {
  return decision.verdicts.filter(({ signal }) => signal !== 'not_due').map((verdict) => ({ ...verdict }));
}

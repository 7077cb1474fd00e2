/**
 * One position from its entry to its end: entry with an exchange-side stop in the same order → fill → protection verified
 * → exit (signal, stop, take-profit, operator) → ledger → result. Open it in the Temporal Web UI and read its whole life.
 *
 * Invariants
 * 1. The exchange decides what happened; this workflow asks it and never assumes.
 * 2. Each effect is an activity whose order id is a function of trade, leg and epoch.
 * 3. No refusal ends it while a position may be open: it asks again, ever more slowly, and a message wakes it.
 * 4. Continue-as-new carries the whole state; a trade can also be resumed from its ledger row alone.
 */
import { condition, continueAsNew, getExternalWorkflowHandle, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { CloseOutcome } from '../activities/trade/close-position.js';
import type { TradeActivities } from '../activities/trade/trade-activities.js';
import type { TradeFacts } from '../activities/trade/trade-facts.js';
import type { DecimalString } from '../core/money/decimal.js';
import type { ApprovedEntry } from '../core/orders/approved-order.js';
import type { Leg } from '../core/orders/ids.js';
import type { TradeRow, TradeTimings } from '../core/ports/ledger.js';
import { BOT_WORKFLOW_ID, exitTradeSignal, inspectTradeSignal, tradeClosedSignal, tradeStateQuery, type ExitRequest, type TradeReport } from './messages.js';
import { describeFailure } from './failure-detail.js';
import { STATE_KEY } from './search-attributes.js';
import { Reductions, type CarriedReductions } from './trade-reductions.js';
import { pauseAfter, untilDone } from './until-done.js';

export interface TradeInput {
  trade: TradeRow;
  /** the entry to place; absent when the position exists already (continue-as-new, or rebuilt from the ledger) */
  entry: ApprovedEntry | undefined;
  /** how many exit orders were used up so far */
  exitEpoch: number;
  exit: ExitRequest | undefined;
  reductions?: CarriedReductions;
}

/** How often a quiet trade is compared with the exchange although nothing was reported, host time. */
const INSPECTION_INTERVAL_MS = 300_000;
/** Pause between two exit orders when the first left something standing. */
const NEXT_EXIT_DELAY_MS = 500;

const RETRY_FOR_EVER = { initialInterval: 200, backoffCoefficient: 2, maximumInterval: 5_000 };
const activities = proxyActivities<TradeActivities>({ startToCloseTimeout: 20_000, retry: RETRY_FOR_EVER });
/** The ledger may be away while the position is open: then the record waits, not the trade. */
const whileOpen = proxyActivities<Pick<TradeActivities, 'recordTrade' | 'recordTradeEvent'>>({
  startToCloseTimeout: 5_000, scheduleToCloseTimeout: 6_000, retry: { initialInterval: 200, maximumAttempts: 3 },
});
const RECORD_AGAIN_MS = 5_000;

export async function trade(input: TradeInput): Promise<TradeReport> {
  const life = new TradeLife(input);
  if (input.entry) {
    const failed = await life.enter(input.entry);
    if (failed) return failed;
  }
  return life.holdUntilClosed();
}

class TradeLife {
  private row: TradeRow;
  private exit: ExitRequest | undefined;
  private exitEpoch: number;
  private readonly reductions: Reductions;
  private inspectionWanted = false;
  private recorded = true;
  /** of inspections and exits, in a row */
  private refusals = 0;
  /** what the search attribute says; whoever started this workflow has set it */
  private shownState: TradeRow['state'];

  constructor(input: TradeInput) {
    this.row = input.trade;
    this.shownState = input.trade.state;
    this.exitEpoch = input.exitEpoch;
    this.reductions = new Reductions(input.reductions);
    if (input.exit) this.take(input.exit);
    setHandler(tradeStateQuery, () => ({ ...this.row, exitRequested: this.exit ?? null, exitEpoch: this.exitEpoch }));
    setHandler(exitTradeSignal, (request) => this.take(request));
    setHandler(inspectTradeSignal, () => {
      this.inspectionWanted = true;
    });
  }

  private take(request: ExitRequest): void {
    const { qty } = request;
    if (qty === undefined) this.exit ??= request;
    else this.reductions.take({ ...request, qty });
  }

  /** Returns the final report when no position came of the entry. */
  async enter(entry: ApprovedEntry): Promise<TradeReport | undefined> {
    this.show('intended', `Placing ${entry.side} ${entry.qty} ${entry.symbol}, stop ${entry.stopLoss}`);
    const request = { trade: this.row, order: entry };
    const placement = await untilDone('place the entry', (isRepeated) => activities.placeEntry({ ...request, isRepeated }));
    if (placement.kind === 'refused') return this.fail(placement.code, placement.message);
    this.time({ sentAtMs: placement.sentAtMs, acknowledgedAtMs: placement.acknowledgedAtMs });
    const outcome = await untilDone('confirm the entry', () => activities.confirmEntry(request));
    if (outcome.kind === 'not_filled') return this.fail(20007, outcome.message);
    this.row = { ...this.row, ...outcome.facts, state: 'open' };
    this.time({ filledAtMs: outcome.filledAtMs });
    if (outcome.kind === 'unprotected') {
      await this.flattenUnprotected(outcome.message);
      return undefined;
    }
    this.show('open', `${this.row.side} ${this.row.qty} ${this.row.symbol} at ${this.row.entryPrice ?? '?'}, stop ${this.row.stopLoss}`);
    this.recorded = await this.recordWhileOpen();
    await this.tellBot(this.report('open', 'protected'));
    return undefined;
  }

  private time(measured: Partial<TradeTimings>): void {
    if (this.row.timings) this.row = { ...this.row, timings: { ...this.row.timings, ...measured } };
  }

  private async recordWhileOpen(): Promise<boolean> {
    try {
      await whileOpen.recordTrade(this.row);
      return true;
    } catch (error) {
      log.warn('Trade not recorded yet, trying again', { tradeId: this.row.tradeId, ...describeFailure(error) });
      return false;
    }
  }

  async holdUntilClosed(): Promise<TradeReport> {
    for (;;) {
      const heeded = this.exit;
      if (heeded) await this.close('exit', heeded.reason);
      else await this.reduce();
      const closed = await this.inspect();
      if (closed) return this.finish(closed);
      if (this.recorded && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof trade>(this.carried());
      await this.waitForReason(heeded);
      if (!this.recorded && this.exit === undefined) this.recorded = await this.recordWhileOpen();
    }
  }

  /** An exit that came while the loop was busy wakes it at once. */
  private async waitForReason(heeded: ExitRequest | undefined): Promise<void> {
    const parts = this.reductions.waiting;
    await condition(() => this.inspectionWanted || this.exit !== heeded || this.reductions.waiting > parts, this.pauseMs());
    this.inspectionWanted = false;
  }

  private pauseMs(): number {
    if (this.refusals > 0) return pauseAfter(this.refusals);
    if (this.row.state === 'closing' || this.reductions.isBusy) return NEXT_EXIT_DELAY_MS;
    return this.recorded ? INSPECTION_INTERVAL_MS : RECORD_AGAIN_MS;
  }

  private async inspect(): Promise<TradeRow | undefined> {
    const inspection = await this.ask('inspect the trade', () => activities.inspectTrade(this.row));
    switch (inspection?.kind) {
      case 'closed':
        return inspection.trade;
      case 'unprotected':
        return (await this.flattenUnprotected(inspection.message)) ? this.inspect() : undefined;
      case 'open':
        await this.noteOpen(inspection.facts);
        return undefined;
      case undefined:
        return undefined;
    }
  }

  /** A part was closed, by us or by somebody else: ledger and bot go on with the rest. */
  private async noteOpen(facts: TradeFacts): Promise<void> {
    this.reductions.seen(facts.qty);
    if (this.row.state !== 'open' || facts.qty === this.row.qty) return;
    this.row = { ...this.row, ...facts };
    this.show('open', `${this.row.side} ${this.row.qty} ${this.row.symbol} left of its entry at ${this.row.entryPrice ?? '?'}, stop ${this.row.stopLoss}`);
    this.recorded = await this.recordWhileOpen();
    await this.tellBot(this.report('open', 'a part was closed'));
  }

  /** Closes the part whose turn it is. What is to stay is settled before the first order, so that repeating closes no more. */
  private async reduce(): Promise<void> {
    const next = this.reductions.next(this.row.qty);
    if (!next) return;
    const outcome = await this.sendExit('exit', { purpose: next.reason, keep: next.keep });
    if (!outcome) return;
    if (outcome.kind === 'refused') log.warn('Part not closed', { tradeId: this.row.tradeId, message: outcome.message });
    this.reductions.answered(outcome);
  }

  /** undefined when it was refused: the loop that asks is itself the retry. */
  private async ask<T>(step: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await run();
      this.refusals = 0;
      return answer;
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.refusals += 1;
      log.error(`Refused, asking again: ${step}`, { tradeId: this.row.tradeId, refusals: this.refusals, ...describeFailure(error) });
      return undefined;
    }
  }

  /** No stop can be set: a position without one must not stand (20006). */
  private async flattenUnprotected(message: string): Promise<boolean> {
    log.error('Stop loss execution failed, closing the position', { tradeId: this.row.tradeId, message });
    const isFlat = await this.close('protect', 'unprotected');
    await this.recordEvent(message);
    return isFlat;
  }

  private async recordEvent(message: string): Promise<void> {
    try {
      await whileOpen.recordTradeEvent({ trade: this.row, code: 20006, message });
    } catch (error) {
      log.warn('Event not recorded', { tradeId: this.row.tradeId, event: message, ...describeFailure(error) });
    }
  }

  /** Resolves to whether the position is gone. */
  private async close(leg: Exclude<Leg, 'entry'>, purpose: TradeRow['exitReason']): Promise<boolean> {
    this.row = { ...this.row, state: 'closing', exitReason: purpose };
    this.show('closing', `Closing: ${purpose ?? 'unknown'}`);
    const outcome = await this.sendExit(leg, { purpose: purpose ?? 'exit' });
    return outcome?.kind === 'flat';
  }

  /** Each order has an epoch of its own; undefined when it was refused. */
  private async sendExit(leg: Exclude<Leg, 'entry'>, order: { purpose: string; keep?: DecimalString }): Promise<CloseOutcome | undefined> {
    const { tradeId, symbol, decidedMs } = this.row;
    const outcome = await this.ask('close the position', () => activities.closePosition({ trade: { tradeId, symbol, decidedMs }, leg, epoch: this.exitEpoch, ...order }));
    if (!outcome) return undefined;
    this.exitEpoch += 1;
    if (outcome.kind === 'remains') log.warn('Exit order left a position standing', { tradeId, size: outcome.size, message: outcome.message });
    return outcome;
  }

  private async finish(closed: TradeRow): Promise<TradeReport> {
    this.row = closed;
    await untilDone('record the trade', () => activities.recordTrade(closed));
    this.show(closed.state, `Closed by ${closed.exitReason ?? 'unknown'} at ${closed.exitPrice ?? '?'}: ${closed.realisedPnl ?? '?'} USDT`);
    const report = this.report(closed.state === 'failed' ? 'failed' : 'closed', `ended by ${closed.exitReason ?? 'nothing'}`);
    await this.tellBot(report);
    return report;
  }

  private async fail(code: NonNullable<TradeRow['errorCode']>, message: string): Promise<TradeReport> {
    this.row = { ...this.row, state: 'failed', errorCode: code, errorMessage: message };
    await untilDone('record the trade', () => activities.recordTrade(this.row));
    this.show('failed', `${code}: ${message}`);
    const report = this.report('failed', `${code} ${message}`);
    await this.tellBot(report);
    return report;
  }

  private report(state: TradeReport['state'], message: string): TradeReport {
    return {
      tradeId: this.row.tradeId, state, qty: this.row.qty, message,
      exitReason: this.row.exitReason ?? undefined, closedMs: this.row.closedMs ?? undefined, realisedPnl: this.row.realisedPnl ?? undefined,
    };
  }

  /** A bot that is not there reads the ledger when it comes back, so a report that cannot be delivered is not lost. */
  private async tellBot(report: TradeReport): Promise<void> {
    try {
      await getExternalWorkflowHandle(BOT_WORKFLOW_ID).signal(tradeClosedSignal, report);
    } catch (error) {
      log.warn('Report to the bot not delivered; it will find it in the ledger', { tradeId: report.tradeId, ...describeFailure(error) });
    }
  }

  private show(state: TradeRow['state'], details: string): void {
    if (state !== this.shownState) upsertSearchAttributes([{ key: STATE_KEY, value: state }]);
    this.shownState = state;
    setCurrentDetails(`**${state}** · ${details}`);
  }

  private carried(): TradeInput {
    return { trade: this.row, entry: undefined, exitEpoch: this.exitEpoch, exit: this.exit, reductions: this.reductions.carried() };
  }
}

/**
 * The emergency shutdown: the latch first, so that nothing more is sent; then the bot is halted, every order that could
 * increase risk is cancelled, and the exchange is asked whether that is true. Stops and take-profits stay.
 *
 * Invariants
 * 1. A step that fails holds up no other: each is tried in every round until all are done.
 * 2. It ends only after the exchange has shown twice that no order can increase risk, the second time when nothing that was
 *    sent before the latch can still be in flight.
 * 3. Steps are idempotent: a worker that dies in one costs a repetition.
 */
import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { EmergencyActivities } from '../activities/emergency/emergency-activities.js';
import type { Latch } from '../core/ports/emergency-latch.js';
import { progressQuery, type EmergencyRequest, type RunbookProgress, type RunbookStep } from './messages.js';
import { StepBoard } from './runbook/step-board.js';

const STEPS = ['latch', 'halt', 'cancel', 'verify', 'record'] as const;
const PAUSE_MS_MAX = 10_000;
const FIRST_PAUSE_MS = 500;

/** One attempt each: the rounds are the retry, and show it. */
const activities = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 15_000, retry: { maximumAttempts: 1 } });

export async function emergencyShutdown(request: EmergencyRequest, carried: RunbookStep[] = []): Promise<RunbookProgress> {
  const shutdown = new Shutdown(request, new StepBoard(STEPS, carried));
  setHandler(progressQuery, () => shutdown.board.progress());
  for (let round = 0; ; round += 1) {
    await shutdown.round();
    const { remaining } = shutdown.board;
    if (remaining.length === 0) return shutdown.board.conclude(`no order can increase risk; ${shutdown.left}`);
    setCurrentDetails(`**not done yet:** ${remaining.join(', ')}`);
    await sleep(Math.min(FIRST_PAUSE_MS * 2 ** round, PAUSE_MS_MAX));
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof emergencyShutdown>(request, shutdown.board.carried());
  }
}

class Shutdown {
  left = '';
  private latch: Latch;

  constructor({ haltId, atMs, reason, actor }: EmergencyRequest, readonly board: StepBoard) {
    this.latch = { haltId, atMs, reason, actor };
  }

  async round(): Promise<void> {
    await this.board.attempt('latch', () => this.setLatch());
    await Promise.all([this.board.attempt('halt', () => this.halt()), this.board.attempt('cancel', () => this.cancel())]);
    if (this.board.isDone('cancel')) await this.board.attempt('verify', () => this.verify());
    if (this.board.remaining.every((step) => step === 'record')) await this.board.attempt('record', () => this.record());
  }

  private async setLatch(): Promise<string> {
    this.latch = await activities.setLatch(this.latch);
    return `no entry is sent while halt ${this.latch.haltId} holds`;
  }

  private async halt(): Promise<string> {
    switch (await activities.haltBot(this.latch)) {
      case 'obeyed':
        return 'the bot is halted';
      case 'queued':
        return 'no trading worker answers: the bot is halted as soon as one is back';
      case 'absent':
        return 'no bot is running; it reads the latch when it starts';
    }
  }

  private async cancel(): Promise<string> {
    return `${await activities.cancelRiskOrders()} orders cancelled; stops and take-profits stay`;
  }

  private async verify(): Promise<string> {
    const { inFlightMs } = await this.assertNoRisk();
    await sleep(inFlightMs);
    const { positions } = await this.assertNoRisk();
    this.left = positions.length === 0 ? 'no position is open' : `open under their stops: ${positions.join('; ')}`;
    return `asked twice, ${inFlightMs} ms apart: no open order increases risk; ${this.left}`;
  }

  private async assertNoRisk(): ReturnType<EmergencyActivities['findRisk']> {
    const risk = await activities.findRisk();
    if (risk.orders.length === 0) return risk;
    this.board.reopen('cancel');
    throw new Error(`still open: ${risk.orders.join('; ')}`);
  }

  private async record(): Promise<string> {
    const { reason, actor, haltId } = this.latch;
    await activities.recordEmergency({ latch: this.latch, message: `Emergency stop activated by ${actor}: ${reason}; no order can increase risk, ${this.left}` });
    return `recorded as emergency-${haltId}`;
  }
}

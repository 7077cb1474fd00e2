/** What the bot takes notice of at a boundary, besides its decision: limits, wallet, the loss limits that were hit, the emergency latch. */
import type { BotEvent } from '../../activities/decision/decision-activities.js';
import type { DecimalString } from '../../core/money/decimal.js';
import type { Latch } from '../../core/ports/emergency-latch.js';
import { equityObserved } from '../../core/risk/risk-state.js';
import { limitsHit } from '../../core/risk/self-pause.js';
import type { BoundaryReport } from '../../core/trading/boundary-report.js';
import { EVENTS_WAITING_MAX, type BotState } from './bot-state.js';
import { change, followLimits } from './commands.js';

/** The same event twice is one; the newest are kept while the ledger is away. */
export function noteEvent(state: BotState, event: BotEvent): void {
  if (state.events.some(({ eventId }) => eventId === event.eventId)) return;
  state.events = [...state.events, event].slice(-EVENTS_WAITING_MAX);
}

export function takeNotice(state: BotState, { limits, schedule, wallet, positions, ledger }: BoundaryReport): void {
  if (ledger.kind === 'level') state.ledgerWasOpened = true;
  state.limits = limits;
  state.schedule = schedule;
  state.lastWallet = wallet;
  state.lastPositions = positions.map(({ symbol, size, positionValue }) => ({ symbol, size, positionValue }));
}

/** A latch that was set while nobody could tell the bot. The one it was released from may still be set for a moment. */
export function obeyLatch(state: BotState, latch: Pick<Latch, 'haltId' | 'reason' | 'actor'>, nowMs: number): void {
  if (state.halt !== null || latch.haltId === state.releasedHaltId) return;
  const reason = `${latch.reason || 'no reason given'} (${latch.actor})`;
  state.halt = { haltId: latch.haltId, atMs: nowMs, reason };
  change(state, { lifecycle: 'stopped', pausedBy: null }, { reason: `10009 emergency stop ${latch.haltId}: ${reason}`, nowMs });
  noteEvent(state, { eventId: `halt-${latch.haltId}`, atMs: nowMs, code: 10009, message: `Emergency stop activated: the bot is halted by ${latch.haltId}: ${reason}` });
}

/** Rolls the day, notices the loss limits and lets the bot pause or resume itself by them. */
export function observeEquity(state: BotState, { closeMs, equity, nowMs }: { closeMs: number; equity: DecimalString; nowMs: number }): void {
  const before = state.risk;
  state.risk = equityObserved(before, { nowMs: closeMs, equity }, state.limits);
  for (const { by, code, message } of limitsHit({ before, after: state.risk }, { equity, limits: state.limits })) {
    noteEvent(state, { eventId: `${by}-${closeMs}`, atMs: closeMs, code, message });
  }
  followLimits(state, nowMs);
}

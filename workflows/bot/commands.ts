/**
 * pause, resume and stop: what they do to the state.
 *
 * Invariants
 * 1. While the emergency latch is obeyed nothing but its release leads out of `stopped`.
 * 2. A loss limit outlives the operator's pause: resume takes away the operator's own, and the bot then stands as the limits
 *    say. Only a resume of a bot that shows the maximum drawdown as its reason acknowledges it.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { drawdownAcknowledged } from '../../core/risk/risk-state.js';
import { selfPauseReason, standingAfter, type Standing } from '../../core/risk/self-pause.js';
import type { CommandRequest, CommandResult, Lifecycle } from '../messages.js';
import type { BotState } from './bot-state.js';

export type TimedRequest = CommandRequest & { nowMs: number };

export function applyLifecycle(state: BotState, wanted: Exclude<Lifecycle, 'starting'>, request: TimedRequest): CommandResult {
  if (state.halt !== null) return whileHalted(state, wanted);
  switch (wanted) {
    case 'running':
      return resume(state, request);
    case 'paused':
      return stand(state, { lifecycle: 'paused', pausedBy: 'operator' }, request);
    case 'stopped':
      return stand(state, { lifecycle: 'stopped', pausedBy: null }, request);
  }
}

function whileHalted(state: BotState, wanted: Lifecycle): CommandResult {
  const { lifecycle, halt } = state;
  if (wanted === 'running') {
    throw new BotError(10009, `emergency stop ${halt?.haltId ?? ''} holds: ${halt?.reason ?? ''}`, { fix: 'release it with npx bot release and that halt id, then resume' });
  }
  return { lifecycle, changed: false, detail: `emergency stop ${halt?.haltId ?? ''} holds: the bot stays ${lifecycle}`, workflowIds: [] };
}

function stand(state: BotState, standing: Standing, request: TimedRequest): CommandResult {
  const { lifecycle } = standing;
  const changed = state.lifecycle !== lifecycle || state.pausedBy !== standing.pausedBy;
  const reason = `${request.reason || 'no reason given'} (${request.actor})`;
  if (changed) change(state, standing, { reason, nowMs: request.nowMs });
  // who repeats it makes it his own: a restart that paused before him will not resume
  else if (lifecycle !== 'running') state.reason = reason;
  return { lifecycle, changed, detail: changed ? `the bot is ${lifecycle} now` : `the bot was ${lifecycle} already`, workflowIds: [] };
}

function resume(state: BotState, request: TimedRequest): CommandResult {
  const acknowledges = state.lifecycle === 'paused' && state.pausedBy === 'max_drawdown';
  if (acknowledges) state.risk = drawdownAcknowledged(state.risk, state.lastWallet?.equity ?? null);
  const standing = standingAfter({ lifecycle: 'running', pausedBy: null }, state.risk);
  if (standing.lifecycle === 'running') {
    const result = stand(state, standing, request);
    return acknowledges ? { ...result, detail: `${result.detail}; the drawdown is measured from ${state.risk.peakEquity ?? 'the next equity'} USDT on` } : result;
  }
  const changed = state.pausedBy !== standing.pausedBy;
  const reason = ownReason(state, standing);
  if (changed) change(state, standing, { reason, nowMs: request.nowMs });
  const remedy = standing.pausedBy === 'max_drawdown' ? 'resume once more to go on all the same' : 'reset the daily limits to go on today';
  return { lifecycle: standing.lifecycle, changed, detail: `the bot stays paused: ${reason}; ${remedy}`, workflowIds: [] };
}

/** Brings the lifecycle in line with the loss limits; what an operator ordered stands. */
export function followLimits(state: BotState, nowMs: number): void {
  const standing = standingAfter(state, state.risk);
  if (standing.lifecycle === state.lifecycle && standing.pausedBy === state.pausedBy) return;
  change(state, standing, { reason: ownReason(state, standing), nowMs });
}

function ownReason({ risk, limits, lastWallet }: BotState, { pausedBy }: Standing): string {
  if (pausedBy === null) return 'no loss limit holds any more (the bot)';
  const equity = lastWallet?.equity ?? risk.dayStartEquity;
  const words = equity === null ? undefined : selfPauseReason(pausedBy, risk, { equity, limits });
  return `${words ?? 'a loss limit was reached'} (the bot)`;
}

export function change(state: BotState, { lifecycle, pausedBy }: Standing, { reason, nowMs }: { reason: string; nowMs: number }): void {
  Object.assign(state, { lifecycle, pausedBy, reason, sinceMs: nowMs });
}

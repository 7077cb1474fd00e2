/**
 * Takes up a saved state: what an operator had ordered, and what risk had remembered.
 *
 * Invariants
 * 1. It never loosens anything: no trading starts by it, and of two words on a limit the stricter one holds.
 * 2. What exchange and ledger know (trades, positions, balances) is left alone; the emergency latch is its own place's.
 */
import { riskRestored } from '../../core/risk/restored-risk.js';
import type { RestorableState } from '../../core/snapshot/restorable.js';
import type { BotState } from './bot-state.js';
import { change, followLimits } from './commands.js';
import { orderStrategy } from './strategy-orders.js';

export function recall(state: BotState, saved: RestorableState, nowMs: number): { changed: boolean; detail: string } {
  const known = Object.entries(saved.overrides).filter(([name]) => state.views.some((view) => view.name === name));
  const switched = known.filter(([name, enabled]) => orderStrategy(state, { name, enabled }).changed).map(([name]) => name);
  state.risk = riskRestored(state.risk, saved.risk);
  state.releasedHaltId ??= saved.releasedHaltId;
  const stands = standAsSaved(state, saved, nowMs);
  followLimits(state, nowMs);
  const { dayStartEquity, cooldownUntilMs } = state.risk;
  const words = [
    `strategies switched: ${switched.join(', ') || 'none'}`,
    stands ? `the bot is ${state.lifecycle}: ${state.reason}` : `the bot stays ${state.lifecycle}`,
    `the day began with ${dayStartEquity ?? 'an unknown equity'}, ${Object.keys(cooldownUntilMs).length} cooldowns`,
  ];
  return { changed: true, detail: words.join('; ') };
}

/** Only towards less trading. */
function standAsSaved(state: BotState, { lifecycle, pausedBy, reason }: RestorableState, nowMs: number): boolean {
  const trades = state.lifecycle === 'running' || state.lifecycle === 'starting';
  const paused = lifecycle === 'paused' && pausedBy === 'operator';
  if (state.halt !== null || !trades || !(paused || lifecycle === 'stopped')) return false;
  change(state, { lifecycle, pausedBy: paused ? 'operator' : null }, { reason, nowMs });
  return true;
}

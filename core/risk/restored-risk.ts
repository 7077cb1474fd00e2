/**
 * Risk state from a saved snapshot, put into a bot that has lost it. Nothing is ever loosened by it: of two words on a limit the
 * stricter one holds, and what the bot knows of open positions is the bot's own.
 */
import { dec } from '../money/decimal.js';
import type { RiskState } from './risk-state.js';

export function riskRestored(now: RiskState, saved: RiskState): RiskState {
  const cooldownUntilMs = { ...saved.cooldownUntilMs };
  for (const [symbol, untilMs] of Object.entries(now.cooldownUntilMs)) cooldownUntilMs[symbol] = Math.max(untilMs, cooldownUntilMs[symbol] ?? 0);
  return {
    ...now, cooldownUntilMs, ...dayRestored(now, saved),
    peakEquity: higher(now.peakEquity, saved.peakEquity),
    maxDrawdownHit: now.maxDrawdownHit || saved.maxDrawdownHit,
  };
}

type Day = Pick<RiskState, 'dayStartMs' | 'dayStartEquity' | 'budgetStartEquity' | 'dailyLossLimitHit'>;

/** The saved day is taken when it is the bot's own or the bot has seen none yet; its start lies before anything that the bot saw. */
function dayRestored(now: RiskState, saved: RiskState): Day {
  const isSameDay = now.dayStartEquity === null || now.dayStartMs === saved.dayStartMs;
  const { dayStartMs, dayStartEquity, budgetStartEquity, dailyLossLimitHit } = isSameDay && saved.dayStartEquity !== null ? saved : now;
  return { dayStartMs, dayStartEquity, budgetStartEquity, dailyLossLimitHit: dailyLossLimitHit || now.dailyLossLimitHit };
}

function higher(a: RiskState['peakEquity'], b: RiskState['peakEquity']): RiskState['peakEquity'] {
  if (a === null || b === null) return a ?? b;
  return dec(a).gte(dec(b)) ? a : b;
}

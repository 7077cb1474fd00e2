/**
 * When the bot pauses and resumes by itself. docs/adr/0006-the-bot-pauses-itself.md says why it is so.
 *
 * Invariants
 * 1. What an operator ordered stands: a bot that an operator paused or stopped is not resumed here, nor is its reason replaced.
 * 2. While a loss limit is hit, the bot is not running.
 */
import type { ErrorCode } from '../errors/catalogue.js';
import type { DecimalString } from '../money/decimal.js';
import type { RiskLimits } from './risk-limits.js';
import { dayPnl, drawdownPercent, type RiskState } from './risk-state.js';

export type PausedBy = 'operator' | 'daily_loss_limit' | 'max_drawdown';

export interface Standing {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  /** who paused it; null while it is not paused */
  pausedBy: PausedBy | null;
}

export function standingAfter(standing: Standing, risk: Pick<RiskState, 'dailyLossLimitHit' | 'maxDrawdownHit'>): Standing {
  const isOwnToDecide = standing.lifecycle === 'running' || (standing.lifecycle === 'paused' && standing.pausedBy !== 'operator' && standing.pausedBy !== null);
  if (!isOwnToDecide) return standing;
  if (risk.maxDrawdownHit) return { lifecycle: 'paused', pausedBy: 'max_drawdown' };
  if (risk.dailyLossLimitHit) return { lifecycle: 'paused', pausedBy: 'daily_loss_limit' };
  return { lifecycle: 'running', pausedBy: null };
}

export interface LimitHit {
  by: Exclude<PausedBy, 'operator'>;
  code: ErrorCode;
  /** plain words with the numbers */
  message: string;
}

/** The limits that were hit between two states of risk. */
export function limitsHit({ before, after }: { before: RiskState; after: RiskState }, { equity, limits }: { equity: DecimalString; limits: RiskLimits }): LimitHit[] {
  const hits: LimitHit[] = [];
  const isNewDay = before.dayStartMs !== after.dayStartMs;
  if (after.dailyLossLimitHit && (isNewDay || !before.dailyLossLimitHit)) {
    hits.push({ by: 'daily_loss_limit', code: 10010, message: dailyLossWords(after, { equity, limits }) });
  }
  if (after.maxDrawdownHit && !before.maxDrawdownHit) {
    hits.push({ by: 'max_drawdown', code: 20009, message: drawdownWords(after, { equity, limits }) });
  }
  return hits;
}

/** Why the bot paused itself, with the numbers; undefined when it did not. */
export function selfPauseReason(pausedBy: PausedBy | null, risk: RiskState, seen: { equity: DecimalString; limits: RiskLimits }): string | undefined {
  switch (pausedBy) {
    case 'daily_loss_limit':
      return `10010 ${dailyLossWords(risk, seen)}`;
    case 'max_drawdown':
      return `20009 ${drawdownWords(risk, seen)}`;
    case 'operator':
    case null:
      return undefined;
  }
}

function dailyLossWords(risk: RiskState, { equity, limits }: { equity: DecimalString; limits: RiskLimits }): string {
  const reset = risk.budgetStartEquity === null ? '' : `, counted from ${risk.budgetStartEquity} USDT since an operator reset it`;
  return `Daily loss limit exceeded: ${dayPnl(risk, equity).toFixed()} USDT today of ${risk.dayStartEquity ?? equity} USDT start equity, ` +
    `the limit is ${limits.dailyLossLimitPercent}%${reset}; entries go on at the next UTC day`;
}

function drawdownWords(risk: RiskState, { equity, limits }: { equity: DecimalString; limits: RiskLimits }): string {
  return `Maximum drawdown reached: equity ${equity} USDT is ${drawdownPercent(risk, equity).toFixed(2)}% below its peak of ${risk.peakEquity ?? equity} USDT, ` +
    `the limit is ${limits.maxDrawdownPercent}%; entries halt until an operator resumes`;
}

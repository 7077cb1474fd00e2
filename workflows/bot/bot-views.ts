/** The bot's state as the queries show it. */
import { dayPnl } from '../../core/risk/risk-state.js';
import { toDecimalString } from '../../core/money/decimal.js';
import type { StrategyReport } from '../../core/trading/boundary-report.js';
import type { Verdict } from '../../core/trading/decide-boundary.js';
import type { BotStatus, RiskView, StrategyView } from '../messages.js';
import type { BotState } from './bot-state.js';

export function statusOf(state: BotState): BotStatus {
  return {
    lifecycle: state.lifecycle,
    tradingActive: state.lifecycle === 'running' && state.blockedBecause === null,
    reason: state.reason,
    sinceMs: state.sinceMs,
    decidedThroughMs: state.decidedThroughMs,
    openTrades: state.trades.map(({ tradeId, strategy, symbol, side, state: tradeState }) => ({ tradeId, strategy, symbol, side, state: tradeState })),
    blockedBecause: state.blockedBecause ?? undefined,
    lastEquity: state.lastWallet?.equity,
    lastDecisionAtMs: state.lastDecisionAtMs,
    runs: state.runs,
  };
}

export function riskOf(state: BotState): RiskView {
  const { risk, lastWallet } = state;
  return {
    equity: lastWallet?.equity,
    dayStartMs: risk.dayStartMs,
    dayStartEquity: risk.dayStartEquity ?? undefined,
    dayPnl: lastWallet ? toDecimalString(dayPnl(risk, lastWallet.equity)) : undefined,
    openPositions: state.trades.length,
    maxPositions: state.limits.maxPositions,
    cooldownUntilMs: risk.cooldownUntilMs,
    dailyLossLimitHit: risk.dailyLossLimitHit,
  };
}

/** The newest word on each strategy; one that was not due keeps what it last said. */
export function viewsAfter(before: readonly StrategyView[], seen: { closeMs: number; reports: readonly StrategyReport[]; verdicts: readonly Verdict[] }): StrategyView[] {
  return seen.reports.map((report) => {
    const verdict = seen.verdicts.find(({ strategy }) => strategy === report.name);
    const known = before.find(({ name }) => name === report.name);
    const identity = { name: report.name, enabled: report.enabled, symbol: report.symbol, interval: report.interval };
    if (!verdict || (verdict.signal === 'not_due' && known)) return { ...(known ?? neverEvaluated), ...identity };
    return { ...identity, lastEvaluatedMs: seen.closeMs, lastSignal: verdict.signal, verdict: verdict.message, conditions: verdict.conditions };
  });
}

const neverEvaluated = { lastEvaluatedMs: 0, lastSignal: 'none', verdict: 'not evaluated yet', conditions: [] };

/** The bot's state as the queries show it. */
import { gatesOf } from '../../core/risk/entry-gates.js';
import { dayLossBudget, dayPnl, drawdownPercent } from '../../core/risk/risk-state.js';
import { dec, toDecimalString, ZERO, type Decimal } from '../../core/money/decimal.js';
import type { StrategyReport } from '../../core/trading/boundary-report.js';
import type { Verdict } from '../../core/trading/decide-boundary.js';
import type { BotOverview, BotStatus, RiskView, StrategyView } from '../messages.js';
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

export function overviewOf(state: BotState): BotOverview {
  return { status: statusOf(state), risk: riskOf(state), strategies: state.views, internalState: { ...state } };
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
    asOfMs: lastWallet?.asOfMs ?? 0,
    limits: state.limits,
    budgetStartEquity: risk.budgetStartEquity ?? risk.dayStartEquity ?? undefined,
    dayLossBudget: lastWallet ? toDecimalString(dayLossBudget(risk, lastWallet.equity, state.limits)) : undefined,
    resetsAtMs: risk.dayStartMs === 0 ? 0 : risk.dayStartMs + DAY_MS,
    exposures: Object.values(risk.exposures),
    totalExposure: toDecimalString(Object.values(risk.exposures).reduce((sum: Decimal, { notional }) => sum.plus(dec(notional)), ZERO)),
    exposureCap: lastWallet ? toDecimalString(dec(lastWallet.equity).times(dec(state.limits.maxTotalExposurePercent)).div(100)) : undefined,
    peakEquity: risk.peakEquity ?? undefined,
    drawdownPercent: lastWallet ? toDecimalString(drawdownPercent(risk, lastWallet.equity).toDecimalPlaces(PERCENT_DECIMALS)) : undefined,
    maxDrawdownHit: risk.maxDrawdownHit,
    halt: state.halt,
    strategies: state.views.map((view) => gatesOf(gateInputOf(state), view)),
  };
}

function gateInputOf(state: BotState): Parameters<typeof gatesOf>[0] {
  const { lifecycle, reason, pausedBy, halt, risk, limits, lastWallet, lastPositions, decidedThroughMs } = state;
  return { lifecycle, reason, pausedBy, halt, risk, limits, disagreement: state.blockedBecause, wallet: lastWallet ?? undefined, positions: lastPositions, nowMs: decidedThroughMs };
}

const DAY_MS = 86_400_000;
const PERCENT_DECIMALS = 4;

/** The newest word on each strategy; one that was not due keeps what it last said. */
export function viewsAfter(before: readonly StrategyView[], seen: { closeMs: number; reports: readonly StrategyReport[]; verdicts: readonly Verdict[] }): StrategyView[] {
  return seen.reports.map((report) => {
    const verdict = seen.verdicts.find(({ strategy }) => strategy === report.name);
    const known = before.find(({ name }) => name === report.name);
    const identity = {
      name: report.name, enabled: report.enabled, symbol: report.symbol, interval: report.interval, enabledBy: report.enabledBy,
      problem: report.finding.kind === 'problem' ? { code: report.finding.code, message: report.finding.message } : null,
    };
    if (!verdict || (verdict.signal === 'not_due' && known)) return { ...(known ?? neverEvaluated), ...identity };
    return { ...identity, lastEvaluatedMs: seen.closeMs, lastSignal: verdict.signal, verdict: verdict.message, conditions: verdict.conditions };
  });
}

const neverEvaluated = { lastEvaluatedMs: 0, lastSignal: 'none', verdict: 'not evaluated yet', conditions: [] };

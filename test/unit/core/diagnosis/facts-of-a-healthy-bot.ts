/** A bot that may trade and waits for its conditions; each test changes what it is about. */
import type { BotFacts, DiagnosisInput, RiskFacts, StrategyFacts } from '../../../../core/diagnosis/facts.js';
import type { SeriesHealth } from '../../../../core/diagnosis/series-health.js';
import { CUSTOMARY_TOLERANCES, type RiskLimits } from '../../../../core/risk/risk-limits.js';
import { d, MONDAY_MS } from '../samples.js';

export const NOON_MS = MONDAY_MS + 12 * 3_600_000;
export const API = 'http://localhost:8080';

export const LIMITS: RiskLimits = {
  ...CUSTOMARY_TOLERANCES, maxPositionSize: d('50'), positionSizeUnit: 'percent', maxPositions: 3, maxTotalExposurePercent: d('150'), dailyLossLimitPercent: d('5'),
  stopLossPercent: d('2'), leverage: d('2'), cooldownMinutesAfterStop: 60, maxDecisionAgeMs: 120_000,
};

export const RUNNING: BotFacts = { lifecycle: 'running', reason: 'first start', sinceMs: MONDAY_MS, blockedBecause: undefined };

export const CALM: RiskFacts = {
  dayStartEquity: d('10000'), dayPnl: d('-12.5'), dailyLossLimitHit: false, dayLossBudget: d('487.5'), resetsAtMs: MONDAY_MS + 86_400_000, limits: LIMITS,
  peakEquity: d('10000'), drawdownPercent: d('0.125'), maxDrawdownHit: false, halt: null,
  strategies: ['mean_reversion_btc', 'sma_cross_eth'].map((strategy) => ({ strategy, gates: [{ rule: 'max_positions', passes: true, code: null, message: '0 of 3', remedy: null }] })),
};

export function holding(fields: Partial<StrategyFacts> = {}): StrategyFacts {
  return {
    name: 'mean_reversion_btc', enabled: true, enabledBy: 'configuration', symbol: 'BTCUSDT', interval: '15', lastEvaluatedMs: NOON_MS, lastSignal: 'hold', problem: null,
    conditions: [{ name: 'RSI(14)', value: '45.2', wanted: 'below 30', met: false }, { name: 'close', value: '60000', wanted: 'above 1', met: true }], ...fields,
  };
}

export function seriesOf(fields: Partial<SeriesHealth> = {}): SeriesHealth {
  return { symbol: 'BTCUSDT', interval: '15', strategies: ['mean_reversion_btc'], state: 'fresh', candles: 200, newestCloseMs: NOON_MS, expectedCloseMs: NOON_MS, ageMs: 5_000, gaps: [], ...fields };
}

export function healthy(fields: Partial<DiagnosisInput> = {}): DiagnosisInput {
  return {
    apiUrl: API, missing: [], bot: RUNNING, risk: CALM, wallet: { equity: d('9987.5'), available: d('9987.5') },
    strategies: [holding(), holding({ name: 'sma_cross_eth', symbol: 'ETHUSDT', interval: '60', conditions: [{ name: 'SMA(10)', value: '3000', wanted: 'above SMA(40) 3050', met: false }] })],
    series: [seriesOf(), seriesOf({ symbol: 'ETHUSDT', interval: '60', strategies: ['sma_cross_eth'] })], ...fields,
  };
}

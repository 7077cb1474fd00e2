/** States of the bot for tests of its parts; each takes what the test is about and fills in the rest. */
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import { CUSTOMARY_TOLERANCES } from '../../../../core/risk/risk-limits.js';
import { toDecimalString } from '../../../../core/money/decimal.js';
import type { BoundaryReport } from '../../../../core/trading/boundary-report.js';
import { botStateFrom, type BotState, type BotTrade } from '../../../../workflows/bot/bot-state.js';
import { aWallet } from '../../../support/postgres-facts.js';

export const money = toDecimalString;
export const CLOSE_MS = Date.UTC(2026, 0, 5, 12);

export const LIMITS = {
  ...CUSTOMARY_TOLERANCES, maxPositionSize: money('50'), positionSizeUnit: 'percent' as const, maxPositions: 3, maxTotalExposurePercent: money('150'),
  dailyLossLimitPercent: money('5'), stopLossPercent: money('2'), leverage: money('2'), cooldownMinutesAfterStop: 60, maxDecisionAgeMs: 120_000,
};

const STRATEGIES = [
  { name: 'mean_reversion_btc', symbol: 'BTCUSDT', interval: '15' as const, enabled: true },
  { name: 'sma_cross_eth', symbol: 'ETHUSDT', interval: '60' as const, enabled: true },
  { name: 'second_btc', symbol: 'BTCUSDT', interval: '60' as const, enabled: false },
];
const SCHEDULE = { lengthMs: 300_000, overdueCheckMs: 10_000 };

export function aBotState(given: Partial<BotState> = {}): BotState {
  const recovered = { memory: null, decidedThroughMs: CLOSE_MS, openTrades: [], schedule: SCHEDULE, limits: LIMITS, strategies: STRATEGIES };
  return { ...botStateFrom(recovered, CLOSE_MS), lifecycle: 'running', risk: initialRiskState(), ...given };
}

export function aBotTrade(given: Partial<BotTrade> = {}): BotTrade {
  return {
    tradeId: 'BTCUSDT-s9x-abcd', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', qty: money('0.012'), state: 'open',
    stopLoss: money('41000'), takeProfit: null, decidedMs: CLOSE_MS, referencePrice: money('42050'), ...given,
  };
}

export function aReport(given: Partial<BoundaryReport> = {}): BoundaryReport {
  return { wallet: aWallet(), positions: [], openOrders: [], ledger: { kind: 'level' }, limits: LIMITS, schedule: SCHEDULE, strategies: [], latch: null, symbols: {}, ...given };
}

/** An entry that every rule approves; tests change one thing at a time. */
import type { EntryInput } from '../../../../core/risk/entry-verdict.js';
import { CUSTOMARY_TOLERANCES, type RiskLimits } from '../../../../core/risk/risk-limits.js';
import { dayRolled, initialRiskState } from '../../../../core/risk/risk-state.js';
import { BTC, MONDAY_MS, d } from '../samples.js';

export const HOUR_MS = 3_600_000;
export const NOON_MS = MONDAY_MS + 12 * HOUR_MS;

export const LIMITS: RiskLimits = {
  ...CUSTOMARY_TOLERANCES,
  maxPositionSize: d('20'),
  positionSizeUnit: 'percent',
  maxPositions: 3,
  maxTotalExposurePercent: d('150'),
  dailyLossLimitPercent: d('5'),
  stopLossPercent: d('2'),
  leverage: d('2'),
  cooldownMinutesAfterStop: 60,
  maxDecisionAgeMs: 60_000,
};

export function longBtc(changes: Partial<EntryInput> = {}): EntryInput {
  return {
    strategy: 'mean_reversion_btc',
    symbol: 'BTCUSDT',
    signal: { kind: 'enter', side: 'Buy', referencePrice: d('60000'), conditions: [] },
    decidedMs: NOON_MS,
    nowMs: NOON_MS + 1_000,
    lifecycle: 'running',
    agreement: { kind: 'agreed' },
    state: dayRolled(initialRiskState(), { nowMs: MONDAY_MS, equity: d('10000') }),
    limits: LIMITS,
    instrument: BTC,
    ticker: { lastPrice: d('60000'), markPrice: d('60000') },
    wallet: { equity: d('10000'), available: d('10000'), asOfMs: NOON_MS },
    positions: [],
    ...changes,
  };
}

export const shortBtc = (changes: Partial<EntryInput> = {}): EntryInput =>
  longBtc({ signal: { kind: 'enter', side: 'Sell', referencePrice: d('60000'), conditions: [] }, ...changes });

/**
 * The limits that every entry is judged by. Plain data with the unit in each name; the configuration is mapped to it by
 * `config/`, which this module never sees.
 */
import { toDecimalString, type DecimalString } from '../money/decimal.js';

/** percent: of equity · usdt: notional in USDT · base: quantity in the base coin */
export type PositionSizeUnit = 'percent' | 'usdt' | 'base';

export interface RiskLimits {
  /** largest notional (or quantity, for `base`) of one position, in `positionSizeUnit`; every position is sized to it */
  maxPositionSize: DecimalString;
  positionSizeUnit: PositionSizeUnit;
  maxPositions: number;
  /** sum of the notionals of all positions, in percent of equity */
  maxTotalExposurePercent: DecimalString;
  /** notional held in one symbol, percent of equity */
  maxSymbolExposurePercent: DecimalString;
  /** percent of the highest equity; entries halt there until an operator resumes */
  maxDrawdownPercent: DecimalString;
  /** percent of the equity at the start of the UTC day of trading time */
  dailyLossLimitPercent: DecimalString;
  /** percent of entry price; used when the strategy names no stop of its own */
  stopLossPercent: DecimalString;
  /** a strategy may not ask for a wider stop than this, percent of entry price */
  maxStopLossPercent: DecimalString;
  /** wanted leverage; lowered to what the instrument allows */
  leverage: DecimalString;
  /** minutes without a new entry on a symbol after its stop was hit; 0: none */
  cooldownMinutesAfterStop: number;
  /** an entry decided on a candle that closed longer ago than this, in ms of trading time, is refused */
  maxDecisionAgeMs: number;
  /** largest distance between the price of the decision and the last traded price, percent */
  maxPriceDeviationPercent: DecimalString;
  /** how much worse than the last price a market entry may fill and still respect every limit, percent */
  slippageReservePercent: DecimalString;
  /** fraction of notional paid per fill, for example 0.00055 */
  takerFeeRate: DecimalString;
}

export const MINUTE_MS = 60_000;

/** Values for the limits that an operator rarely has an opinion on; the taker fee is Bybit's non-VIP rate for perpetuals. */
export const CUSTOMARY_TOLERANCES = {
  maxStopLossPercent: toDecimalString('20'),
  maxSymbolExposurePercent: toDecimalString('150'),
  maxDrawdownPercent: toDecimalString('20'),
  maxPriceDeviationPercent: toDecimalString('1'),
  slippageReservePercent: toDecimalString('0.5'),
  takerFeeRate: toDecimalString('0.00055'),
} as const satisfies Partial<RiskLimits>;

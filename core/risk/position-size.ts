/**
 * How large a position becomes: the largest quantity whose notional, at the worst price the entry may fill at, stays
 * within the cap. Quantities round down to the lot step, so the cap is never passed, not even by one step.
 */
import { Decimal, dec, floorToStep } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { RiskLimits } from './risk-limits.js';

export interface SizeInput {
  limits: RiskLimits;
  instrument: Instrument;
  /** USDT */
  equity: Decimal;
  /** the highest price the entry may fill at */
  worstPrice: Decimal;
}

/** In base coin, a multiple of the lot step; zero when not even one step fits. */
export function positionSize(input: SizeInput): Decimal {
  const step = dec(input.instrument.qtyStep);
  const floored = floorToStep(Decimal.min(quantityCap(input), dec(input.instrument.maxMarketOrderQty)), step);
  // The division above has 40 digits: a quotient just below a multiple of the step can round up to it.
  const fits = floored.times(input.worstPrice).lte(notionalCap(input));
  return Decimal.max(0, fits ? floored : floored.minus(step));
}

/** USDT: the largest notional one position may have at the worst entry price. */
export function notionalCap({ limits, equity, worstPrice }: Omit<SizeInput, 'instrument'>): Decimal {
  const size = dec(limits.maxPositionSize);
  switch (limits.positionSizeUnit) {
    case 'base':
      return size.times(worstPrice);
    case 'usdt':
      return size;
    case 'percent':
      return equity.times(size).div(100);
  }
}

function quantityCap(input: SizeInput): Decimal {
  return input.limits.positionSizeUnit === 'base' ? dec(input.limits.maxPositionSize) : notionalCap(input).div(input.worstPrice);
}

/**
 * Risk ladders: the larger the position, the lower its leverage and the higher its maintenance margin.
 *
 * Bybit's tables change often; the defaults follow an older published shape (tier 1 of BTCUSDT: 2,000,000 USDT at 0.5 %,
 * tier 2: 2,600,000 at 0.56 %, deduction 1,200). Deductions come from Bybit's rule, which keeps the margin continuous
 * at the edge of two tiers: deduction(n) = limit(n-1) × (rate(n) − rate(n-1)) + deduction(n-1).
 */
import { Decimal, ZERO, dec, toDecimalString } from '../money/decimal.js';
import type { RiskTier } from './contract.js';

type Step = readonly [limit: string, maintenance: string, maxLeverage: string];

const MAJOR: readonly Step[] = [
  ['2000000', '0.005', '100'], ['2600000', '0.0056', '90'], ['3200000', '0.0062', '80'], ['6000000', '0.01', '50'],
  ['12000000', '0.02', '25'], ['25000000', '0.05', '10'], ['50000000', '0.1', '5'], ['100000000', '0.25', '2'],
];
const ORDINARY: readonly Step[] = [
  ['200000', '0.01', '75'], ['400000', '0.015', '50'], ['1000000', '0.02', '25'], ['2500000', '0.05', '10'],
  ['5000000', '0.1', '5'], ['10000000', '0.25', '2'],
];

export const MAJOR_RISK_TIERS = tiersOf(MAJOR);
export const ORDINARY_RISK_TIERS = tiersOf(ORDINARY);

const MAJORS: readonly string[] = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

export function defaultRiskTiers(symbol: string): readonly RiskTier[] {
  return MAJORS.includes(symbol) ? MAJOR_RISK_TIERS : ORDINARY_RISK_TIERS;
}

/** The tier of a position value (USDT): the first whose limit holds it, else the last. */
export function tierFor(tiers: readonly RiskTier[], value: Decimal): RiskTier {
  const tier = tiers.find((candidate) => value.lte(candidate.riskLimitValue)) ?? tiers.at(-1);
  if (tier === undefined) throw new RangeError('a symbol needs at least one risk tier');
  return tier;
}

function tiersOf(steps: readonly Step[]): readonly RiskTier[] {
  let deduction = ZERO;
  return steps.map(([limit, maintenance, maxLeverage], index) => {
    const below = steps[index - 1];
    if (below !== undefined) deduction = deduction.plus(new Decimal(below[0]).times(new Decimal(maintenance).minus(below[1])));
    return {
      id: index + 1,
      riskLimitValue: toDecimalString(limit),
      initialMargin: toDecimalString(new Decimal(1).div(maxLeverage).toDecimalPlaces(6, Decimal.ROUND_UP)),
      maintenanceMargin: toDecimalString(maintenance),
      maxLeverage: toDecimalString(maxLeverage),
      mmDeduction: toDecimalString(deduction),
    };
  });
}

/** Highest leverage that the tier of this position value allows. */
export function maxLeverageFor(tiers: readonly RiskTier[], value: Decimal): Decimal {
  return dec(tierFor(tiers, value).maxLeverage);
}

/**
 * The rules that need the order's size: exchange minimums, total exposure, the day's remaining loss budget, margin.
 * Reserved and open positions count together, so the sums hold for the worst case of everything that is under way.
 */
import { Decimal, dec, ZERO, type DecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import { refusal } from './entry-rules.js';
import type { EntryInput, Refusal } from './entry-verdict.js';
import { dayLossBudget } from './risk-state.js';

export interface SizedEntry {
  kind: 'sized';
  instrument: Instrument;
  /** base coin */
  qty: Decimal;
  leverage: Decimal;
  stop: Decimal;
  target: Decimal | undefined;
  /** the highest and the lowest price the entry may fill at */
  worstPrice: Decimal;
  bestPrice: Decimal;
}

type SizedRuleCheck = (input: EntryInput, sized: SizedEntry) => Refusal | undefined;

const sizeMeetsMinimums: SizedRuleCheck = ({ symbol, limits, wallet }, { instrument, qty, bestPrice, worstPrice }) => {
  const size = `${limits.maxPositionSize} (${limits.positionSizeUnit}) at equity ${wallet.equity} USDT and price ${worstPrice.toFixed()} makes ${qty.toFixed()} ${symbol}`;
  if (qty.lte(0) || qty.lt(dec(instrument.minOrderQty))) {
    return refusal('order_size', 20003, `${size}; the exchange's minimum is ${instrument.minOrderQty}. Raise max_position_size`);
  }
  const notional = qty.times(bestPrice);
  if (notional.gte(dec(instrument.minNotional))) return undefined;
  return refusal('order_size', 20003, `${size}, ${notional.toFixed()} USDT; the exchange's minimum is ${instrument.minNotional} USDT. Raise max_position_size`);
};

/** Where the exchange demands more leverage than was asked for, the position would be riskier than configured. */
const leverageWithinCap: SizedRuleCheck = ({ symbol, limits }, { leverage }) => {
  if (leverage.lte(dec(limits.leverage))) return undefined;
  return refusal('leverage', 20009, `${symbol} needs a leverage of at least ${leverage.toFixed()}; the configured one is ${limits.leverage}`);
};

const symbolWithinCap: SizedRuleCheck = (input, sized) => {
  const cap = dec(input.wallet.equity).times(dec(input.limits.maxSymbolExposurePercent)).div(100);
  const held = exposureBySymbol(input).get(input.symbol) ?? ZERO;
  const notional = sized.qty.times(sized.worstPrice);
  if (held.plus(notional).lte(cap)) return undefined;
  return refusal('max_symbol_exposure', 20005,
    `${held.toFixed()} USDT held and ${notional.toFixed()} USDT wanted in ${input.symbol} pass the cap of ${cap.toFixed()} USDT ` +
      `(${input.limits.maxSymbolExposurePercent}% of equity in one symbol)`);
};

const exposureWithinCap: SizedRuleCheck = (input, sized) => {
  const cap = dec(input.wallet.equity).times(dec(input.limits.maxTotalExposurePercent)).div(100);
  const held = totalExposure(input);
  const notional = sized.qty.times(sized.worstPrice);
  if (held.plus(notional).lte(cap)) return undefined;
  return refusal('max_total_exposure', 20005,
    `${held.toFixed()} USDT held and ${notional.toFixed()} USDT wanted pass the cap of ${cap.toFixed()} USDT (${input.limits.maxTotalExposurePercent}% of equity)`);
};

/** The day's limit must hold also when every stop is hit. */
const lossFitsTheDay: SizedRuleCheck = (input, sized) => {
  const budget = dayLossBudget(input.state, input.wallet.equity, input.limits);
  const atRisk = sum(Object.values(input.state.exposures).map((exposure) => exposure.riskAtStop));
  const risk = riskOf(input, sized);
  if (atRisk.plus(risk).lte(budget)) return undefined;
  return refusal('daily_loss_budget', 10010,
    `${atRisk.toFixed()} USDT are at risk at the stops of open positions and ${risk.toFixed()} USDT would be added; ` +
      `${budget.toFixed()} USDT may still be lost today (daily loss limit ${input.limits.dailyLossLimitPercent}%)`);
};

const marginIsAvailable: SizedRuleCheck = (input, sized) => {
  const needed = marginOf(input, sized);
  const promised = sum(Object.values(input.state.exposures)
    .filter((exposure) => exposure.settledMs === null || exposure.settledMs > input.wallet.asOfMs)
    .map((exposure) => exposure.margin));
  const free = dec(input.wallet.available).minus(promised);
  if (needed.lte(free)) return undefined;
  return refusal('margin', 20001,
    `the entry needs ${needed.toFixed()} USDT of margin and fees at leverage ${sized.leverage.toFixed()}; ` +
      `${free.toFixed()} USDT are free (${input.wallet.available} available, ${promised.toFixed()} promised to entries under way)`);
};

/** In the order in which they are asked. */
export const SIZED_RULES: readonly SizedRuleCheck[] = [
  sizeMeetsMinimums, leverageWithinCap, symbolWithinCap, exposureWithinCap, lossFitsTheDay, marginIsAvailable,
];

/** USDT lost when the entry fills at its worst price for this side and the stop is hit there, both taker fees included. */
export function riskOf({ signal, limits }: EntryInput, { qty, stop, worstPrice, bestPrice }: SizedEntry): Decimal {
  const entry = signal.side === 'Buy' ? worstPrice : bestPrice;
  const fees = qty.times(entry.plus(stop)).times(dec(limits.takerFeeRate));
  return qty.times(entry.minus(stop).abs()).plus(fees);
}

/**
 * USDT the exchange reserves for the order: initial margin, fee to open and fee to close at the bankruptcy price
 * (Bybit, "Order Cost" of USDT contracts).
 */
export function marginOf({ signal, limits }: EntryInput, { qty, worstPrice, leverage }: SizedEntry): Decimal {
  const notional = qty.times(worstPrice);
  const share = new Decimal(1).div(leverage);
  const bankruptcyShare = signal.side === 'Buy' ? Decimal.sub(1, share) : share.plus(1);
  const fees = notional.times(dec(limits.takerFeeRate)).times(bankruptcyShare.plus(1));
  return notional.times(share).plus(fees);
}

function totalExposure(input: EntryInput): Decimal {
  return [...exposureBySymbol(input).values()].reduce((total, value) => total.plus(value), ZERO);
}

/** Per symbol the larger of what was approved and what the position is worth now; positions of others count too. */
function exposureBySymbol({ state, positions }: Pick<EntryInput, 'state' | 'positions'>): Map<string, Decimal> {
  const bySymbol = new Map<string, Decimal>();
  for (const { symbol, notional } of Object.values(state.exposures)) {
    bySymbol.set(symbol, dec(notional).plus(bySymbol.get(symbol) ?? 0));
  }
  for (const { symbol, positionValue } of positions) {
    bySymbol.set(symbol, Decimal.max(dec(positionValue).abs(), bySymbol.get(symbol) ?? 0));
  }
  return bySymbol;
}

function sum(amounts: readonly DecimalString[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(dec(amount)), new Decimal(0));
}

/**
 * The rules that can be judged before an order has a size. Each returns the refusal it makes, or undefined.
 * Every message carries the numbers that were compared, so that "why no trade" needs no log reading.
 */
import type { ErrorCode } from '../errors/catalogue.js';
import { dec, type Decimal } from '../money/decimal.js';
import type { EntryInput, EntryRule, Refusal } from './entry-verdict.js';
import { dayLossBudget, dayPnl, drawdownPercent } from './risk-state.js';
import { MINUTE_MS } from './risk-limits.js';

export type RuleCheck = (input: EntryInput) => Refusal | undefined;

export function refusal(rule: EntryRule, code: ErrorCode, message: string): Refusal {
  return { kind: 'refused', rule, code, message };
}

const lifecycleIsRunning: RuleCheck = ({ lifecycle }) =>
  lifecycle === 'running' ? undefined : refusal('lifecycle', 20009, `the bot is ${lifecycle}; entries are made only while it is running`);

const accountsAgree: RuleCheck = ({ agreement }) => {
  switch (agreement.kind) {
    case 'agreed':
      return undefined;
    case 'unknown':
      return refusal('agreement', 20009, `it is not known whether exchange and bot agree: ${agreement.because}`);
    case 'differs': {
      const details = agreement.differences.map((difference) => `${difference.symbol} ${difference.kind}: ${difference.detail}`);
      return refusal('agreement', 20009, `exchange and bot disagree: ${details.join('; ')}`);
    }
  }
};

const dataIsFresh: RuleCheck = ({ decidedMs, nowMs, limits }) => {
  const ageMs = nowMs - decidedMs;
  if (ageMs < 0) {
    return refusal('fresh_data', 40002, `the candle closes at ${decidedMs} ms, ${-ageMs} ms after the exchange's time ${nowMs} ms`);
  }
  if (ageMs <= limits.maxDecisionAgeMs) return undefined;
  return refusal('fresh_data', 40001, `the candle closed ${ageMs} ms ago; entries are made within ${limits.maxDecisionAgeMs} ms`);
};

const instrumentTrades: RuleCheck = ({ instrument, symbol }) => {
  if (instrument === undefined || instrument.symbol !== symbol) {
    return refusal('instrument', 20002, `the exchange does not list ${symbol}`);
  }
  if (instrument.status === 'Trading') return undefined;
  return refusal('instrument', 20004, `${symbol} is in status ${instrument.status}, not Trading`);
};

const dailyLossWithinLimit: RuleCheck = ({ state, wallet, limits }) => {
  if (!state.dailyLossLimitHit && dayLossBudget(state, wallet.equity, limits).gt(0)) return undefined;
  const pnl = dayPnl(state, wallet.equity);
  return refusal('daily_loss_limit', 10010,
    `the day's result is ${pnl.toFixed()} USDT of ${state.dayStartEquity ?? wallet.equity} USDT start equity; the limit of ` +
      `${limits.dailyLossLimitPercent}% was reached and holds until the next UTC day or a reset by an operator`);
};

const drawdownWithinLimit: RuleCheck = ({ state, wallet, limits }) => {
  const percent = drawdownPercent(state, wallet.equity);
  if (!state.maxDrawdownHit && percent.lt(dec(limits.maxDrawdownPercent))) return undefined;
  return refusal('max_drawdown', 20009,
    `equity ${wallet.equity} USDT lies ${percent.toFixed(2)}% below its peak of ${state.peakEquity ?? wallet.equity} USDT; the maximum drawdown of ` +
      `${limits.maxDrawdownPercent}% was reached and holds until an operator resumes`);
};

const cooldownIsOver: RuleCheck = ({ state, symbol, nowMs }) => {
  const untilMs = state.cooldownUntilMs[symbol] ?? 0;
  if (nowMs >= untilMs) return undefined;
  return refusal('cooldown', 20009, `${symbol} cools down after a stop for another ${Math.ceil((untilMs - nowMs) / MINUTE_MS)} minutes, until ${untilMs} ms`);
};

const symbolIsFree: RuleCheck = ({ state, symbol, positions }) => {
  const held = Object.values(state.exposures).find((exposure) => exposure.symbol === symbol);
  if (held !== undefined) {
    return refusal('one_position_per_symbol', 20010, `${symbol} is held by trade ${held.tradeId} of ${held.strategy}; one position per symbol`);
  }
  const onExchange = openPositions(positions).find((position) => position.symbol === symbol);
  if (onExchange === undefined) return undefined;
  return refusal('one_position_per_symbol', 20010, `the exchange holds a position of ${onExchange.size} in ${symbol} already`);
};

const roomForAnother: RuleCheck = ({ state, positions, limits }) => {
  const symbols = new Set([...Object.values(state.exposures), ...openPositions(positions)].map(({ symbol }) => symbol));
  if (symbols.size < limits.maxPositions) return undefined;
  return refusal('max_positions', 20005, `${symbols.size} positions are open or being opened; the limit is ${limits.maxPositions}`);
};

const priceIsSane: RuleCheck = (input) => {
  const { signal, ticker, limits } = input;
  const reference = dec(signal.referencePrice);
  const last = dec(ticker.lastPrice);
  const mark = dec(ticker.markPrice);
  if (reference.lte(0) || last.lte(0) || mark.lte(0)) {
    return refusal('price_sanity', 20008, `prices must be above zero: decision ${signal.referencePrice}, last ${ticker.lastPrice}, mark ${ticker.markPrice}`);
  }
  const deviation = percentApart(last, reference);
  if (deviation.gt(dec(limits.maxPriceDeviationPercent))) {
    return refusal('price_sanity', 20008,
      `the last price ${ticker.lastPrice} is ${deviation.toFixed(4)}% away from the decision's ${signal.referencePrice}; the limit is ${limits.maxPriceDeviationPercent}%`);
  }
  return outsideBand(input, last, mark);
};

/** Bybit refuses market orders beyond priceLimitRatioX around the mark price (EC_ReachMarketPriceLimit). '0' states no band. */
function outsideBand({ ticker, instrument }: EntryInput, last: Decimal, mark: Decimal): Refusal | undefined {
  if (instrument === undefined || dec(instrument.priceLimitRatioX).isZero()) return undefined;
  const bandPercent = dec(instrument.priceLimitRatioX).times(100);
  const deviation = percentApart(last, mark);
  if (deviation.lte(bandPercent)) return undefined;
  return refusal('price_sanity', 20008,
    `the last price ${ticker.lastPrice} is ${deviation.toFixed(4)}% away from the mark price ${ticker.markPrice}; the exchange's band is ${bandPercent.toFixed()}%`);
}

function percentApart(price: Decimal, base: Decimal): Decimal {
  return price.minus(base).abs().div(base).times(100);
}

function openPositions(positions: EntryInput['positions']): EntryInput['positions'] {
  return positions.filter((position) => !dec(position.size).isZero());
}

/** In the order in which they are asked. */
export const PRE_SIZE_RULES: readonly RuleCheck[] = [
  lifecycleIsRunning, accountsAgree, dataIsFresh, instrumentTrades, dailyLossWithinLimit, drawdownWithinLimit, cooldownIsOver,
  symbolIsFree, roomForAnother, priceIsSane,
];

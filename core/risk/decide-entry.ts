/**
 * The one place where an entry order comes into being. A strategy proposes; this decides, with the numbers.
 *
 * Invariants
 * 1. `ApprovedEntry` is constructed here and nowhere else.
 * 2. An approval returns the risk state with its room reserved: deciding the next signal with that state can never pass
 *    the same limit a second time.
 * 3. Every amount is judged at the worst price the entry may fill at (`slippageReservePercent` beyond the last price).
 */
import { Decimal, dec, toDecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { ApprovedEntry } from '../orders/approved-order.js';
import { orderLinkIdFor, tradeIdFor } from '../orders/ids.js';
import { PRE_SIZE_RULES, refusal } from './entry-rules.js';
import type { Approval, EntryInput, EntryVerdict, Refusal } from './entry-verdict.js';
import { isBeyond, stopPrice, targetPrice } from './protective-prices.js';
import { positionSize } from './position-size.js';
import { SIZED_RULES, marginOf, riskOf, type SizedEntry } from './sized-rules.js';
import { equityObserved, tradeReserved, type Exposure } from './risk-state.js';

export function decideEntry(input: EntryInput): EntryVerdict {
  const state = equityObserved(input.state, { nowMs: input.nowMs, equity: input.wallet.equity }, input.limits);
  const verdict = judge({ ...input, state });
  if (verdict.kind === 'refused') return { ...verdict, state };
  return { ...verdict, state: tradeReserved(state, verdict.exposure) };
}

function judge(input: EntryInput): Refusal | Approval {
  for (const check of PRE_SIZE_RULES) {
    const refused = check(input);
    if (refused !== undefined) return refused;
  }
  const sized = sizeEntry(input);
  if (sized.kind === 'refused') return sized;
  for (const check of SIZED_RULES) {
    const refused = check(input, sized);
    if (refused !== undefined) return refused;
  }
  return approve(input, sized);
}

function sizeEntry(input: EntryInput): Refusal | SizedEntry {
  const { instrument } = input;
  if (instrument === undefined) return refusal('instrument', 20002, `the exchange does not list ${input.symbol}`);
  const prices = protection(input, instrument);
  if (prices.kind === 'refused') return prices;
  const entryPrices = [dec(input.signal.referencePrice), dec(input.ticker.lastPrice)];
  const reserve = dec(input.limits.slippageReservePercent).div(100);
  const worstPrice = Decimal.max(...entryPrices).times(reserve.plus(1));
  const bestPrice = Decimal.min(...entryPrices).times(Decimal.sub(1, reserve));
  const qty = positionSize({ limits: input.limits, instrument, equity: dec(input.wallet.equity), worstPrice });
  const leverage = leverageFor(dec(input.limits.leverage), instrument);
  return { ...prices, kind: 'sized', instrument, qty, leverage, worstPrice, bestPrice };
}

type Protection = { kind: 'protected' } & Pick<SizedEntry, 'stop' | 'target'>;

/** Stop and target, measured from the price of the decision. */
function protection(input: EntryInput, instrument: Instrument): Refusal | Protection {
  const { signal, limits, ticker } = input;
  const percent = signal.stopLossPercent ?? limits.stopLossPercent;
  if (dec(percent).lte(0) || dec(percent).gt(dec(limits.maxStopLossPercent))) {
    return refusal('stop_required', 20009, `a stop of ${percent}% is not within (0%, ${limits.maxStopLossPercent}%]; no entry without a sensible stop`);
  }
  const base = { side: signal.side, entryPrice: dec(signal.referencePrice), tickSize: dec(instrument.tickSize) };
  const stop = stopPrice({ ...base, percent });
  if (stop === undefined) {
    return refusal('stop_required', 20008, `no price between ${signal.referencePrice} and ${percent}% away is a multiple of the tick ${instrument.tickSize}: no stop can be placed`);
  }
  for (const price of [ticker.lastPrice, ticker.markPrice]) {
    if (!isBeyond(signal.side, dec(price), stop)) {
      return refusal('stop_required', 20008, `the price ${price} has already passed the stop ${stop.toFixed()} of this ${signal.side}`);
    }
  }
  return withTarget(input, { ...base, stop });
}

function withTarget({ signal, ticker }: EntryInput, base: { side: 'Buy' | 'Sell'; entryPrice: Decimal; tickSize: Decimal; stop: Decimal }): Refusal | Protection {
  if (signal.takeProfitPercent === undefined) return { kind: 'protected', stop: base.stop, target: undefined };
  const target = targetPrice({ ...base, percent: signal.takeProfitPercent });
  if (target === undefined || !isBeyond(signal.side, target, dec(ticker.lastPrice))) {
    return refusal('take_profit', 20008,
      `a target of ${signal.takeProfitPercent}% from ${signal.referencePrice} is not ahead of the last price ${ticker.lastPrice}`);
  }
  return { kind: 'protected', stop: base.stop, target };
}

/** The wanted leverage, lowered to what the instrument allows and to its step; less leverage is less risk. */
function leverageFor(wanted: Decimal, instrument: Instrument): Decimal {
  const capped = Decimal.min(wanted, dec(instrument.maxLeverage));
  const stepped = capped.div(dec(instrument.leverageStep)).floor().times(dec(instrument.leverageStep));
  return Decimal.max(stepped, dec(instrument.minLeverage));
}

function approve(input: EntryInput, sized: SizedEntry): Approval {
  const { strategy, symbol, decidedMs, signal } = input;
  const tradeId = tradeIdFor({ strategy, symbol, decidedMs });
  const notional = toDecimalString(sized.qty.times(sized.worstPrice));
  const riskAtStop = toDecimalString(riskOf(input, sized));
  const exposure: Exposure = {
    tradeId, strategy, symbol, side: signal.side, notional, riskAtStop,
    margin: toDecimalString(marginOf(input, sized)), settledMs: null,
  };
  return { kind: 'approved', order: approvedEntry(input, sized, tradeId), exposure, notional, riskAtStop };
}

function approvedEntry(input: EntryInput, sized: SizedEntry, tradeId: string): ApprovedEntry {
  const order = {
    kind: 'entry' as const,
    orderLinkId: orderLinkIdFor(tradeId, 'entry', 0),
    tradeId,
    symbol: input.symbol,
    side: input.signal.side,
    qty: toDecimalString(sized.qty),
    stopLoss: toDecimalString(sized.stop),
    leverage: toDecimalString(sized.leverage),
  };
  return (sized.target === undefined ? order : { ...order, takeProfit: toDecimalString(sized.target) }) as ApprovedEntry;
}

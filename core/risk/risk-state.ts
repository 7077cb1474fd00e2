/**
 * What risk remembers between decisions, as plain JSON that travels through continue-as-new, and its only transitions.
 *
 * Invariants
 * 1. Every position that may exist on the exchange stands in `exposures` from the moment its entry is approved until the
 *    trade reports that it is over; so any number of strategies signalling at once see each other.
 * 2. Transitions are pure and idempotent: a report that arrives twice changes nothing the second time.
 * 3. Once the daily loss limit is hit it stays hit until the next UTC day or an operator's reset, also when equity recovers.
 * 4. Once the maximum drawdown is hit it stays hit until an operator acknowledges it; no day ends it.
 */
import { dec, Decimal, parseDecimal, toDecimalString, ZERO, type DecimalString } from '../money/decimal.js';
import { boundaryAtOrBefore } from '../market/interval.js';
import type { Side } from '../orders/order.js';
import type { ExitReason } from '../ports/ledger.js';
import { MINUTE_MS, type RiskLimits } from './risk-limits.js';

/** A position that is open, or may come to be. */
export interface Exposure {
  tradeId: string;
  strategy: string;
  symbol: string;
  side: Side;
  /** USDT, at the worst entry price that the approval allowed; after the fill at the fill price when that is larger */
  notional: DecimalString;
  /** USDT: initial margin and fees that the wallet must still give */
  margin: DecimalString;
  /** USDT lost when the stop is hit, entry and exit fee included */
  riskAtStop: DecimalString;
  /** exchange ms since which the wallet holds the margin; null while the entry is not known to be filled */
  settledMs: number | null;
}

export interface RiskState {
  /** start of the UTC day that the day's figures belong to, ms; 0 before the first equity was seen */
  dayStartMs: number;
  dayStartEquity: DecimalString | null;
  /** equity from which the day's losses are counted since an operator reset them; null: the day's start */
  budgetStartEquity: DecimalString | null;
  dailyLossLimitHit: boolean;
  /** highest equity seen since the first start or since the last acknowledged drawdown */
  peakEquity: DecimalString | null;
  maxDrawdownHit: boolean;
  /** by symbol, exchange ms */
  cooldownUntilMs: Record<string, number>;
  /** by trade id */
  exposures: Record<string, Exposure>;
}

export function initialRiskState(): RiskState {
  return {
    dayStartMs: 0, dayStartEquity: null, budgetStartEquity: null, dailyLossLimitHit: false, peakEquity: null, maxDrawdownHit: false,
    cooldownUntilMs: {}, exposures: {},
  };
}

export interface EquityObservation {
  /** exchange ms */
  nowMs: number;
  /** USDT, wallet balance plus unrealised profit */
  equity: DecimalString;
}

/** Starts a new day when the instant lies in a later UTC day than the state's; an older instant changes nothing. */
export function dayRolled(state: RiskState, seen: EquityObservation): RiskState {
  const dayStartMs = boundaryAtOrBefore(seen.nowMs, 'D');
  if (state.dayStartEquity !== null && dayStartMs <= state.dayStartMs) return state;
  const cooldowns = Object.entries(state.cooldownUntilMs).filter(([, untilMs]) => untilMs > seen.nowMs);
  return {
    ...state, dayStartMs, dayStartEquity: seen.equity, budgetStartEquity: null, dailyLossLimitHit: false, cooldownUntilMs: Object.fromEntries(cooldowns),
  };
}

/** Rolls the day and notices both loss limits. To be called with every equity that a decision is made with. */
export function equityObserved(state: RiskState, seen: EquityObservation, limits: RiskLimits): RiskState {
  const rolled = peakRaised(dayRolled(state, seen), seen.equity);
  return {
    ...rolled,
    dailyLossLimitHit: rolled.dailyLossLimitHit || dayLossBudget(rolled, seen.equity, limits).lte(0),
    maxDrawdownHit: rolled.maxDrawdownHit || drawdownPercent(rolled, seen.equity).gte(dec(limits.maxDrawdownPercent)),
  };
}

function peakRaised(state: RiskState, equity: DecimalString): RiskState {
  if (state.peakEquity !== null && dec(equity).lte(dec(state.peakEquity))) return state;
  return { ...state, peakEquity: equity };
}

/** How far equity lies below its peak, percent of the peak; 0 at a peak and before the first equity. */
export function drawdownPercent(state: RiskState, equity: DecimalString): Decimal {
  const peak = dec(state.peakEquity ?? equity);
  return peak.lte(0) ? ZERO : Decimal.max(0, peak.minus(dec(equity)).div(peak).times(100));
}

/** An operator has seen the drawdown and goes on: from here on it is measured against the present equity, or the next that is seen. */
export function drawdownAcknowledged(state: RiskState, equity: DecimalString | null): RiskState {
  return { ...state, peakEquity: equity, maxDrawdownHit: false };
}

/** An operator allows the day another full limit of losses, counted from the present equity. The drawdown stays as it is. */
export function dailyLimitsReset(state: RiskState, equity: DecimalString): RiskState {
  return { ...state, budgetStartEquity: equity, dailyLossLimitHit: false };
}

/** USDT, negative is a loss: equity now against equity at the start of the day, unrealised profit included. */
export function dayPnl(state: RiskState, equity: DecimalString): Decimal {
  return dec(equity).minus(state.dayStartEquity === null ? dec(equity) : dec(state.dayStartEquity));
}

/** USDT that may still be lost today; zero or negative means that the limit is reached. */
export function dayLossBudget(state: RiskState, equity: DecimalString, limits: RiskLimits): Decimal {
  const start = dec(state.budgetStartEquity ?? state.dayStartEquity ?? equity);
  return start.times(dec(limits.dailyLossLimitPercent)).div(100).plus(dec(equity)).minus(start);
}

/** Reserves room for a trade before its order is sent. A trade that is known already keeps what it has. */
export function tradeReserved(state: RiskState, exposure: Exposure): RiskState {
  if (state.exposures[exposure.tradeId] !== undefined) return state;
  return { ...state, exposures: { ...state.exposures, [exposure.tradeId]: exposure } };
}

/** The fate of an entry order. `failed`: no position came of it. */
export type Settlement =
  | { kind: 'open'; tradeId: string; settledMs: number; /** USDT, quantity × average fill price, when known */ filledNotional?: DecimalString }
  | { kind: 'failed'; tradeId: string };

export function tradeSettled(state: RiskState, settlement: Settlement): RiskState {
  const exposure = state.exposures[settlement.tradeId];
  if (exposure === undefined) return state;
  switch (settlement.kind) {
    case 'failed':
      return withoutExposure(state, settlement.tradeId);
    case 'open': {
      const notional = largerOf(exposure.notional, settlement.filledNotional);
      const settled = { ...exposure, notional, settledMs: exposure.settledMs ?? settlement.settledMs };
      return { ...state, exposures: { ...state.exposures, [exposure.tradeId]: settled } };
    }
  }
}

/** USDT amounts are kept with as many decimals as the wallet; a share of room is rounded up, never freed too much. */
const AMOUNT_DECIMALS = 8;

export interface TradeReduction {
  tradeId: string;
  /** base coin, before and after */
  fromQty: DecimalString;
  toQty: DecimalString;
}

/** Frees the share of a trade's room that belongs to what was closed of it. */
export function tradeReduced(state: RiskState, { tradeId, fromQty, toQty }: TradeReduction): RiskState {
  const exposure = state.exposures[tradeId];
  if (exposure === undefined || dec(fromQty).lte(0) || dec(toQty).gte(dec(fromQty))) return state;
  const share = (amount: DecimalString): DecimalString =>
    toDecimalString(Decimal.min(dec(amount), dec(amount).times(dec(toQty)).div(dec(fromQty)).toDecimalPlaces(AMOUNT_DECIMALS, Decimal.ROUND_UP)));
  const { notional, margin, riskAtStop } = exposure;
  const reduced = { ...exposure, notional: share(notional), margin: share(margin), riskAtStop: share(riskAtStop) };
  return { ...state, exposures: { ...state.exposures, [tradeId]: reduced } };
}

export interface TradeClosure {
  tradeId: string;
  symbol: string;
  exitReason: ExitReason;
  /** exchange ms of the last exit fill */
  closedMs: number;
}

/** The market took these positions from us; the others ended by a decision of ours. */
const STARTS_COOLDOWN: Record<ExitReason, boolean> = {
  stop_loss: true,
  liquidation: true,
  take_profit: false,
  signal: false,
  operator: false,
  emergency: false,
  unprotected: false,
  external: false,
};

/** Frees the room of a trade that is over, and starts the cooldown of its symbol when the market closed it. */
export function tradeClosed(state: RiskState, closure: TradeClosure, limits: RiskLimits): RiskState {
  const freed = withoutExposure(state, closure.tradeId);
  if (!STARTS_COOLDOWN[closure.exitReason] || limits.cooldownMinutesAfterStop === 0) return freed;
  const untilMs = closure.closedMs + limits.cooldownMinutesAfterStop * MINUTE_MS;
  const latestMs = Math.max(untilMs, freed.cooldownUntilMs[closure.symbol] ?? 0);
  return { ...freed, cooldownUntilMs: { ...freed.cooldownUntilMs, [closure.symbol]: latestMs } };
}

function withoutExposure(state: RiskState, tradeId: string): RiskState {
  if (state.exposures[tradeId] === undefined) return state;
  const rest = Object.entries(state.exposures).filter(([id]) => id !== tradeId);
  return { ...state, exposures: Object.fromEntries(rest) };
}

function largerOf(reserved: DecimalString, filled: DecimalString | undefined): DecimalString {
  if (filled === undefined) return reserved;
  return toDecimalString(parseDecimal(filled, 'filledNotional').gt(dec(reserved)) ? filled : reserved);
}

/**
 * The whole state of one simulated account: plain JSON, nothing else, so a snapshot is its text and a restored exchange
 * continues exactly where the other stood.
 *
 * Invariants
 * 1. Rows (orders, executions, …) are never changed in place: an update replaces the row, so events may share it.
 * 2. `openOrderIds` of a symbol holds exactly its orders that can still act; price steps look at nothing else.
 * 3. walletBalance = starting balance + transfers + Σ over symbols of (realised − fees − funding).
 */
import { toDecimalString, type DecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import { EMPTY_POSITION, type PositionBook } from '../portfolio/position.js';
import type {
  ClosedPnlRow, ExchangeOptions, ExecutionRow, MarketPrices, OrderRow, PositionMode, RiskTier, TransactionRow, UnprotectedSpan,
} from './contract.js';
import { INSTRUMENTS } from './instruments.js';
import { defaultRiskTiers } from './risk-tiers.js';

export interface SymbolState {
  instrument: Instrument;
  riskTiers: readonly RiskTier[];
  /** null before the first price step */
  prices: MarketPrices | null;
  position: PositionBook;
  /** wallet change of the symbol when the current position was opened, USDT */
  walletChangeAtOpen: DecimalString;
  positionStatus: 'Normal' | 'Liq';
  openMs: number;
  createdMs: number;
  updatedMs: number;
  leverage: DecimalString;
  positionMode: PositionMode;
  /** counts fills and fundings of this symbol */
  seq: number;
  /** counts orders of this symbol */
  arrivals: number;
  /** ascending by arrival */
  openOrderIds: string[];
  lastFundingMs: number;
  /** index of the running span in `unprotectedSpans`, or null */
  unprotectedSpan: number | null;
}

export interface ExchangeState {
  options: ExchangeOptions;
  walletBalance: DecimalString;
  transfers: number;
  /** out-of-band limit prices are clamped (true) or refused */
  clampLimitPrices: boolean;
  symbols: Record<string, SymbolState>;
  /** every order ever accepted, by order id */
  orders: Record<string, OrderRow>;
  executions: ExecutionRow[];
  closedPnl: ClosedPnlRow[];
  transactions: TransactionRow[];
  unprotectedSpans: UnprotectedSpan[];
}

/** Fees: Bybit's base rates for non-VIP accounts (taker 0.055 %, maker 0.02 %). */
export const DEFAULT_EXCHANGE_OPTIONS: ExchangeOptions = {
  account: 'paper',
  instruments: INSTRUMENTS,
  riskTiers: {},
  startingBalance: toDecimalString('10000'),
  takerFeeRate: toDecimalString('0.00055'),
  makerFeeRate: toDecimalString('0.0002'),
  defaultLeverage: toDecimalString('10'),
  slippage: { halfSpreadTicks: 1, impactRate: toDecimalString('0.1') },
  partialFills: null,
};

export function createExchangeState(options: Partial<ExchangeOptions> = {}): ExchangeState {
  const chosen: ExchangeOptions = { ...DEFAULT_EXCHANGE_OPTIONS, ...options };
  const symbols = chosen.instruments.map((instrument) => [instrument.symbol, symbolState(instrument, chosen)] as const);
  return {
    options: chosen,
    walletBalance: chosen.startingBalance,
    transfers: 0,
    clampLimitPrices: true,
    symbols: Object.fromEntries(symbols),
    orders: {},
    executions: [],
    closedPnl: [],
    transactions: [],
    unprotectedSpans: [],
  };
}

/** The state as text; equal texts are equal states. */
export function snapshotState(state: ExchangeState): string {
  return JSON.stringify(state);
}

/** Reads a text made by `snapshotState`; its integrity is the journal's business, not judged here. */
export function restoreState(snapshot: string): ExchangeState {
  return JSON.parse(snapshot) as ExchangeState;
}

/** Throws a RangeError for a symbol that is not listed: for callers that have checked, and for market commands. */
export function symbolOf(state: ExchangeState, symbol: string): SymbolState {
  const found = findSymbol(state, symbol);
  if (found === undefined) throw new RangeError(`symbol "${symbol}" is not listed on this exchange`);
  return found;
}

export function findSymbol(state: ExchangeState, symbol: string): SymbolState | undefined {
  return Object.hasOwn(state.symbols, symbol) ? state.symbols[symbol] : undefined;
}

export function orderOf(state: ExchangeState, orderId: string): OrderRow {
  const order = findOrderRow(state, orderId);
  if (order === undefined) throw new RangeError(`order ${orderId} does not exist`);
  return order;
}

export function findOrderRow(state: ExchangeState, orderId: string): OrderRow | undefined {
  return Object.hasOwn(state.orders, orderId) ? state.orders[orderId] : undefined;
}

/** Orders of a symbol that can still act, ascending by arrival. */
export function openOrdersOf(state: ExchangeState, symbol: SymbolState): OrderRow[] {
  return symbol.openOrderIds.map((orderId) => orderOf(state, orderId));
}

/** Throws a RangeError before the first price step. */
export function pricesOf(symbol: SymbolState): MarketPrices {
  if (symbol.prices === null) throw new RangeError(`${symbol.instrument.symbol} has no price yet`);
  return symbol.prices;
}

function symbolState(instrument: Instrument, options: ExchangeOptions): SymbolState {
  const ladder = options.riskTiers[instrument.symbol] ?? defaultRiskTiers(instrument.symbol);
  return {
    instrument,
    riskTiers: ladder,
    prices: null,
    position: EMPTY_POSITION,
    walletChangeAtOpen: toDecimalString('0'),
    positionStatus: 'Normal',
    openMs: 0,
    createdMs: 0,
    updatedMs: 0,
    leverage: options.defaultLeverage,
    positionMode: 0,
    seq: 0,
    arrivals: 0,
    openOrderIds: [],
    lastFundingMs: -1,
    unprotectedSpan: null,
  };
}

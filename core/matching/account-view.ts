/** Positions and wallet as the exchange shows them, valued at the present mark prices. Reading changes nothing. */
import { Decimal, ZERO, ceilToTick, dec, floorToTick, toDecimalString } from '../money/decimal.js';
import { walletChange } from '../portfolio/position.js';
import type { PositionRow, WalletRow } from './contract.js';
import type { ExchangeState, SymbolState } from './exchange-state.js';
import { accountMargin, positionMargin, solvency, type PositionMargin } from './margin.js';
import { fullProtection, positionSide } from './protection.js';
import { tierFor } from './risk-tiers.js';

/** Bybit never assumes a lower fee than this in the break-even price. */
const BREAK_EVEN_FEE_FLOOR = new Decimal('0.00055');
const RATE_DECIMALS = 8;
const MARGIN_DECIMALS = 8;
const NONE = toDecimalString(ZERO);

const amount = (value: Decimal) => toDecimalString(value.toDecimalPlaces(MARGIN_DECIMALS));

export function positionRow(state: ExchangeState, symbol: SymbolState): PositionRow {
  const margin = positionMargin(state, symbol);
  const tier = tierFor(symbol.riskTiers, margin.value);
  const side = positionSide(symbol);
  const change = walletChange(symbol.position);
  const open = side === 'None' ? undefined : openFigures(state, symbol, margin);
  return {
    symbol: symbol.instrument.symbol,
    side,
    size: toDecimalString(dec(symbol.position.signedSize).abs()),
    avgPrice: toDecimalString(dec(symbol.position.averagePrice).toDecimalPlaces(10)),
    positionValue: amount(margin.value),
    positionStatus: symbol.positionStatus,
    leverage: symbol.leverage,
    markPrice: symbol.prices?.markPrice ?? NONE,
    liqPrice: open?.liqPrice ?? '',
    bustPrice: open?.bustPrice ?? '',
    breakEvenPrice: open?.breakEvenPrice ?? '',
    positionIM: amount(margin.initial),
    positionMM: amount(margin.maintenance),
    riskId: tier.id,
    riskLimitValue: tier.riskLimitValue,
    takeProfit: fullProtection(state, symbol, 'TakeProfit')?.triggerPrice ?? NONE,
    stopLoss: fullProtection(state, symbol, 'StopLoss')?.triggerPrice ?? NONE,
    unrealisedPnl: amount(margin.unrealised),
    curRealisedPnl: toDecimalString(side === 'None' ? ZERO : change.minus(symbol.walletChangeAtOpen)),
    cumRealisedPnl: toDecimalString(change),
    positionMode: symbol.positionMode,
    seq: symbol.seq,
    openMs: symbol.openMs,
    createdMs: symbol.createdMs,
    updatedMs: symbol.updatedMs,
  };
}

export function walletRow(state: ExchangeState, asOfMs: number): WalletRow {
  const account = accountMargin(state);
  const initial = account.positionInitial.plus(account.orderInitial);
  const realised = Object.values(state.symbols).reduce((sum, symbol) => sum.plus(walletChange(symbol.position)), ZERO);
  const rate = (part: Decimal) =>
    toDecimalString(account.marginBalance.lte(0) ? ZERO : part.div(account.marginBalance).toDecimalPlaces(RATE_DECIMALS));
  return {
    walletBalance: state.walletBalance,
    equity: amount(account.marginBalance),
    marginBalance: amount(account.marginBalance),
    available: toDecimalString(account.available.toDecimalPlaces(MARGIN_DECIMALS, Decimal.ROUND_DOWN)),
    unrealisedPnl: amount(account.unrealised),
    totalInitialMargin: amount(initial),
    totalOrderIM: amount(account.orderInitial),
    totalPositionIM: amount(account.positionInitial),
    totalMaintenanceMargin: amount(account.maintenance),
    accountIMRate: rate(initial),
    accountMMRate: rate(account.maintenance),
    cumRealisedPnl: toDecimalString(realised),
    asOfMs,
  };
}

interface OpenFigures { liqPrice: string; bustPrice: string; breakEvenPrice: string }

/**
 * Liquidation price: where this position's margin eats up the wallet, all other positions standing still; the wallet
 * counts with the others' profit and less their maintenance margin. Bankruptcy price = entry × (1 ∓ 1/leverage).
 */
function openFigures(state: ExchangeState, symbol: SymbolState, margin: PositionMargin): OpenFigures {
  const size = dec(symbol.position.signedSize);
  const long = size.gt(0);
  const entry = dec(symbol.position.averagePrice);
  const account = solvency(state);
  const wallet = account.marginBalance.minus(margin.unrealised).minus(account.maintenance.minus(margin.maintenance));
  const tier = tierFor(symbol.riskTiers, margin.value);
  const direction = long ? 1 : -1;
  const inverse = new Decimal(direction).div(symbol.leverage);
  const closing = new Decimal(1).minus(inverse).times(state.options.takerFeeRate);
  const rate = closing.plus(tier.maintenanceMargin);
  const liquidation = size.times(entry).minus(wallet).minus(tier.mmDeduction).div(size.minus(size.abs().times(rate)));
  const realised = walletChange(symbol.position).minus(symbol.walletChangeAtOpen);
  const fee = Decimal.max(state.options.takerFeeRate, BREAK_EVEN_FEE_FLOOR);
  const breakEven = entry.times(size).minus(realised).div(size.minus(size.abs().times(fee)));
  return {
    liqPrice: priceText(symbol, liquidation, long),
    bustPrice: priceText(symbol, entry.times(new Decimal(1).minus(inverse)), long),
    breakEvenPrice: priceText(symbol, breakEven, long),
  };
}

/** Rounded to the tick on the careful side; '' when no such price exists. */
function priceText(symbol: SymbolState, price: Decimal, long: boolean): string {
  const tick = dec(symbol.instrument.tickSize);
  if (price.lt(tick)) return '';
  return toDecimalString(long ? ceilToTick(price, tick) : floorToTick(price, tick));
}

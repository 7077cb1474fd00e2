/** Leverage, position mode, margin mode, limit-price action and transfers. */
import { type Decimal, dec, isMultipleOf, toDecimalString, ZERO } from '../money/decimal.js';
import type { DepositCommand, SetLeverageCommand, SetMarginModeCommand, SwitchModeCommand } from './contract.js';
import { findSymbol, type SymbolState } from './exchange-state.js';
import { idOf } from './ids.js';
import { accountMargin, positionMargin } from './margin.js';
import { readNumber } from './read-amounts.js';
import { REFUSALS, refuseParameter } from './refusals.js';
import { maxLeverageFor } from './risk-tiers.js';
import { bookTransaction } from './transaction-log.js';
import type { Turn } from './turn.js';

export function setLeverage(turn: Turn, command: SetLeverageCommand): void {
  const symbol = findSymbol(turn.state, command.symbol);
  if (symbol === undefined) return REFUSALS.symbolInvalid();
  const leverage = readLeverage(symbol, command);
  if (leverage.eq(symbol.leverage)) REFUSALS.leverageUnchanged();
  if (leverage.gt(maxLeverageFor(symbol.riskTiers, positionMargin(turn.state, symbol).value))) REFUSALS.leverageAboveTier();
  const before = symbol.leverage;
  symbol.leverage = toDecimalString(leverage);
  const account = accountMargin(turn.state);
  if (leverage.lt(before) && account.positionInitial.plus(account.orderInitial).gt(account.marginBalance)) {
    symbol.leverage = before;
    REFUSALS.leverageNeedsMargin();
  }
  turn.touched.add(command.symbol);
}

function readLeverage({ instrument }: SymbolState, command: SetLeverageCommand): Decimal {
  const buy = readNumber(command.buyLeverage, 'buyLeverage');
  const sell = readNumber(command.sellLeverage, 'sellLeverage');
  if (buy === undefined || sell === undefined || !buy.eq(sell)) return refuseParameter('buyLeverage must equal sellLeverage');
  const inRange = buy.gte(instrument.minLeverage) && buy.lte(instrument.maxLeverage);
  return inRange && isMultipleOf(buy, dec(instrument.leverageStep)) ? buy : refuseParameter('leverage invalid');
}

/** One symbol, or all of a coin when none is named. */
export function switchMode(turn: Turn, command: SwitchModeCommand): void {
  const { mode } = command;
  if (mode !== 0 && mode !== 3) return refuseParameter('mode invalid');
  const symbols = symbolsOf(turn, command);
  if (symbols.every((symbol) => symbol.positionMode === mode)) REFUSALS.modeUnchanged();
  if (symbols.some((symbol) => symbol.position.signedSize !== '0')) REFUSALS.modeHasPosition();
  if (symbols.some((symbol) => symbol.openOrderIds.length > 0)) REFUSALS.modeHasOrders();
  for (const symbol of symbols) symbol.positionMode = mode;
}

function symbolsOf(turn: Turn, { symbol, coin }: SwitchModeCommand): SymbolState[] {
  if (symbol === undefined || symbol === '') return coin === 'USDT' ? Object.values(turn.state.symbols) : refuseParameter('symbol or coin is required');
  const found = findSymbol(turn.state, symbol);
  return found === undefined ? REFUSALS.symbolInvalid() : [found];
}

/** Cross is in force; the other modes are not simulated. */
export function setMarginMode(command: SetMarginModeCommand): never {
  if (command.mode === 'REGULAR_MARGIN') return REFUSALS.marginModeUnchanged();
  return refuseParameter('only REGULAR_MARGIN is supported');
}

export function deposit(turn: Turn, command: DepositCommand): void {
  const amount = readNumber(command.amount, 'amount');
  const after = dec(turn.state.walletBalance).plus(amount ?? ZERO);
  if (amount === undefined || amount.isZero() || amount.decimalPlaces() > 8 || after.lt(0)) return refuseParameter('amount invalid');
  turn.state.walletBalance = toDecimalString(after);
  turn.state.transfers += 1;
  turn.walletTouched = true;
  const none = toDecimalString(ZERO);
  bookTransaction(turn, {
    id: idOf('transfer', turn.state.options.account, turn.state.transfers), symbol: '', side: 'None',
    type: amount.isNegative() ? 'TRANSFER_OUT' : 'TRANSFER_IN', qty: toDecimalString(amount.abs()), size: none, tradePrice: none,
    funding: none, fee: none, cashFlow: toDecimalString(amount), feeRate: none, tradeId: '', orderId: '', orderLinkId: '',
  });
}

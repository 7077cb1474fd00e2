/**
 * Protection set on a position (Bybit V5, position/trading-stop). Full: one absolute stop-loss and take-profit for the
 * whole position; the same values again are refused with 34040, which a caller may take for done. Partial adds orders.
 */
import { dec, isMultipleOf, toDecimalString, type Decimal } from '../money/decimal.js';
import type { Side } from '../orders/order.js';
import type { SetTradingStopCommand, TriggerBy } from './contract.js';
import { findSymbol, openOrdersOf, pricesOf, type SymbolState } from './exchange-state.js';
import { judgeProtection, PARTIAL_TPSL_MAX, type ProtectionLevel } from './order-rules.js';
import { cancelOrderRow } from './order-store.js';
import { addProtection, fullProtection, positionSide, positionSize, setFullProtection, type ProtectionKind } from './protection.js';
import { readNumber, readProtectionPrice } from './read-amounts.js';
import { REFUSALS, refuseParameter } from './refusals.js';
import { seriesPrice } from './trigger.js';
import type { Turn } from './turn.js';

interface Wish { kind: ProtectionKind; level: ProtectionLevel; size: Decimal | undefined }

export function setTradingStop(turn: Turn, command: SetTradingStopCommand): void {
  const symbol = findSymbol(turn.state, command.symbol);
  if (symbol === undefined) return REFUSALS.symbolInvalid();
  if (symbol.positionMode !== 0 || (command.positionIdx ?? 0) !== 0) REFUSALS.modeMismatch();
  if (readNumber(command.trailingStop, 'trailingStop')?.isZero() === false) refuseParameter('trailingStop is not supported');
  const side = positionSide(symbol);
  if (side === 'None') return REFUSALS.tpslZeroPosition();
  const wishes = readWishes(symbol, command);
  if (wishes.length === 0) refuseParameter('takeProfit or stopLoss is required');
  judgeWishes(side, wishes);
  if (command.tpslMode === 'Partial') addPartial(turn, symbol, wishes);
  else setFull(turn, symbol, wishes);
}

function readWishes(symbol: SymbolState, command: SetTradingStopCommand): Wish[] {
  const asked = [
    { kind: 'StopLoss' as const, text: command.stopLoss, by: command.slTriggerBy, size: readNumber(command.slSize, 'slSize') },
    { kind: 'TakeProfit' as const, text: command.takeProfit, by: command.tpTriggerBy, size: readNumber(command.tpSize, 'tpSize') },
  ];
  return asked.flatMap(({ kind, text, by, size }) => {
    const price = readProtectionPrice(text, kind, symbol.instrument);
    return price === undefined ? [] : [{ kind, size, level: levelOf(symbol, price, by ?? 'LastPrice') }];
  });
}

function levelOf(symbol: SymbolState, price: Decimal, by: TriggerBy): ProtectionLevel {
  return { price, by, base: seriesPrice(pricesOf(symbol), by) };
}

function judgeWishes(side: Side, wishes: readonly Wish[]): void {
  for (const { kind, level } of wishes) judgeProtection(side, kind === 'StopLoss' ? { stopLoss: level } : { takeProfit: level });
}

function setFull(turn: Turn, symbol: SymbolState, wishes: readonly Wish[]): void {
  const changes = wishes.filter(({ kind, level }) => {
    const existing = fullProtection(turn.state, symbol, kind);
    if (existing === undefined) return !level.price.isZero();
    return !level.price.eq(existing.triggerPrice) || level.by !== existing.triggerBy;
  });
  if (changes.length === 0) REFUSALS.tpslUnchanged();
  for (const { kind, level } of changes) {
    const existing = fullProtection(turn.state, symbol, kind);
    if (!level.price.isZero()) {
      setFullProtection(turn, symbol, { kind, triggerPrice: toDecimalString(level.price), triggerBy: level.by, parentOrderLinkId: '' });
    } else if (existing !== undefined) {
      cancelOrderRow(turn, existing, { cancelType: 'CancelByUser', rejectReason: 'EC_PerCancelRequest' });
    }
  }
}

function addPartial(turn: Turn, symbol: SymbolState, wishes: readonly Wish[]): void {
  const own = openOrdersOf(turn.state, symbol).filter((order) => order.stopOrderType.startsWith('Partial'));
  if (own.length + wishes.length > PARTIAL_TPSL_MAX) REFUSALS.partialTpslLimit();
  const sized = wishes.map(({ kind, level, size }) => {
    if (level.price.isZero()) refuseParameter(`${kind} invalid`);
    return { kind, level, size: partialSize(symbol, size) };
  });
  for (const { kind, level, size } of sized) {
    addProtection(turn, symbol, {
      kind, stopOrderType: `Partial${kind}`, qty: size, triggerPrice: toDecimalString(level.price), triggerBy: level.by, parentOrderLinkId: '',
    });
  }
}

function partialSize(symbol: SymbolState, size: Decimal | undefined): Decimal {
  const valid = size !== undefined && size.gt(0) && size.lte(positionSize(symbol)) && isMultipleOf(size, dec(symbol.instrument.qtyStep));
  return valid ? size : refuseParameter('tpSize or slSize invalid');
}

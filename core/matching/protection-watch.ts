/**
 * The independent record of unprotected positions: a span opens when, at the end of a command, a position is not covered
 * by live StopLoss orders over its full size, and closes when it is again (or the position is gone). It looks only at
 * positions and open orders, not at how they came to be, so it also convicts the engine itself.
 */
import { type Decimal, dec, toDecimalString, ZERO } from '../money/decimal.js';
import { openOrdersOf, type ExchangeState, type SymbolState } from './exchange-state.js';

export function watchProtection(state: ExchangeState, symbol: SymbolState, atMs: number): void {
  const size = dec(symbol.position.signedSize).abs();
  const covered = coveredQty(state, symbol);
  const exposed = covered.lt(size);
  if (exposed && symbol.unprotectedSpan === null) {
    symbol.unprotectedSpan = state.unprotectedSpans.push({
      symbol: symbol.instrument.symbol, startMs: atMs, endMs: null, size: toDecimalString(size), coveredQty: toDecimalString(covered),
    }) - 1;
  }
  if (!exposed && symbol.unprotectedSpan !== null) closeSpan(state, symbol.unprotectedSpan, atMs);
  if (!exposed) symbol.unprotectedSpan = null;
}

function closeSpan(state: ExchangeState, index: number, atMs: number): void {
  const span = state.unprotectedSpans[index];
  if (span !== undefined) state.unprotectedSpans[index] = { ...span, endMs: atMs };
}

/** Waiting stop-losses on the closing side, Full and Partial. */
function coveredQty(state: ExchangeState, symbol: SymbolState): Decimal {
  const closingSide = symbol.position.signedSize.startsWith('-') ? 'Buy' : 'Sell';
  return openOrdersOf(state, symbol)
    .filter((order) => order.status === 'Untriggered' && order.side === closingSide && order.stopOrderType.endsWith('StopLoss'))
    .reduce((sum, order) => sum.plus(order.qty), ZERO);
}

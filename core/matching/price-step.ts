/**
 * The market moves. A jump sets the prices and lets everything due act there, so a stop that was jumped over fills at
 * the new price (a gap). A continuous move is walked: at every price on the way at which an order is due the walk halts,
 * the order acts there, and the walk goes on. Mark and index move in step with the last price.
 */
import { Decimal, ZERO, dec, parseDecimal, toDecimalString } from '../money/decimal.js';
import type { MarketPrices, OrderRow, PriceStepCommand } from './contract.js';
import { openOrdersOf, symbolOf, type SymbolState } from './exchange-state.js';
import { settle } from './settle.js';
import { seriesPrice } from './trigger.js';
import type { Turn } from './turn.js';

/** decimals of interpolated mark and index prices, which lie on no tick */
const INTERPOLATED_DECIMALS = 8;

/** Throws a RangeError for an unknown symbol, a price that is not above zero, or a step back in time. */
export function applyPriceStep(turn: Turn, command: PriceStepCommand): void {
  const symbol = symbolOf(turn.state, command.symbol);
  const target = readPrices(command);
  const from = symbol.prices;
  if (from !== null && target.atMs < from.atMs) {
    throw new RangeError(`${command.symbol}: price step at ${target.atMs} is before the one at ${from.atMs}`);
  }
  const idle = symbol.openOrderIds.length === 0 && symbol.position.signedSize === '0';
  if (command.continuous === true && from !== null && !idle) walk(turn, symbol, { from: { ...from, volume: target.volume }, target });
  symbol.prices = target;
  if (!idle) settle(turn, symbol);
}

/** Halts at each crossing up to the target; the target itself is left to the caller. */
function walk(turn: Turn, symbol: SymbolState, path: { from: MarketPrices; target: MarketPrices }): void {
  const { target } = path;
  let here = { ...path.from, atMs: target.atMs };
  let crossing = nextCrossing(turn, symbol, { from: here, target });
  while (crossing !== undefined) {
    here = pricesAt({ from: here, target }, crossing);
    symbol.prices = here;
    settle(turn, symbol);
    crossing = nextCrossing(turn, symbol, { from: here, target });
  }
}

interface Crossing { order: OrderRow; fraction: Decimal }

/** The first order met strictly between here and the target; orders due at the target itself need no halt. */
function nextCrossing(turn: Turn, symbol: SymbolState, path: { from: MarketPrices; target: MarketPrices }): Crossing | undefined {
  let first: Crossing | undefined;
  for (const order of openOrdersOf(turn.state, symbol)) {
    if (turn.matched.has(order.orderId)) continue;
    const fraction = fractionAt(order, path);
    if (fraction.gt(0) && fraction.lt(1) && (first === undefined || fraction.lt(first.fraction))) first = { order, fraction };
  }
  return first;
}

/** Where on the way the order's own level lies: 0 is here, 1 the target; 0 when its series stands still. */
function fractionAt(order: OrderRow, { from, target }: { from: MarketPrices; target: MarketPrices }): Decimal {
  const start = seriesPrice(from, watched(order));
  const length = seriesPrice(target, watched(order)).minus(start);
  return length.isZero() ? ZERO : new Decimal(level(order)).minus(start).div(length);
}

const watched = (order: OrderRow) => (order.status === 'Untriggered' ? order.triggerBy : 'LastPrice');
const level = (order: OrderRow) => (order.status === 'Untriggered' ? order.triggerPrice : order.price);

function pricesAt({ from, target }: { from: MarketPrices; target: MarketPrices }, { order, fraction }: Crossing): MarketPrices {
  const between = (start: string, end: string) =>
    toDecimalString(new Decimal(end).minus(start).times(fraction).plus(start).toDecimalPlaces(INTERPOLATED_DECIMALS));
  const prices = {
    lastPrice: between(from.lastPrice, target.lastPrice),
    markPrice: between(from.markPrice, target.markPrice),
    indexPrice: between(from.indexPrice, target.indexPrice),
  };
  const own = { LastPrice: 'lastPrice', MarkPrice: 'markPrice', IndexPrice: 'indexPrice' } as const;
  return { ...target, ...prices, [own[watched(order) || 'LastPrice']]: level(order) };
}

function readPrices(command: PriceStepCommand): MarketPrices {
  return {
    lastPrice: toDecimalString(positive(command.lastPrice, 'lastPrice')),
    markPrice: toDecimalString(positive(command.markPrice, 'markPrice')),
    indexPrice: toDecimalString(positive(command.indexPrice, 'indexPrice')),
    volume: toDecimalString(command.volume === undefined ? ZERO : parseDecimal(command.volume, 'volume')),
    atMs: command.atMs,
  };
}

function positive(text: string, field: string): Decimal {
  const price = parseDecimal(text, field);
  if (dec(toDecimalString(price)).lte(0)) throw new RangeError(`${field}: a price must be above zero, not ${text}`);
  return price;
}

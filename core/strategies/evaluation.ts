/** The steps that strategies share: reading candles as numbers, and putting conditions and signals into words. */
import { BotError } from '../errors/bot-error.js';
import type { Bar } from '../indicators/atr.js';
import type { Candle } from '../market/candle.js';
import type { Condition, Signal } from './strategy.js';

/**
 * The last `count` candles and no more: recursive indicators (Wilder) remember everything they are given, and a decision
 * must not depend on how many candles more than the warm-up the caller happened to pass. Throws BotError 40005 for fewer.
 */
export function warmedUp(candles: readonly Candle[], count: number): readonly Candle[] {
  if (candles.length < count) {
    throw new BotError(40005, `${candles.length} candles were given where the strategy needs ${count}`);
  }
  return candles.slice(-count);
}

export function closesOf(candles: readonly Candle[]): number[] {
  return candles.map((candle) => Number(candle.close));
}

export function barsOf(candles: readonly Candle[]): Bar[] {
  return candles.map(({ high, low, close }) => ({ high: Number(high), low: Number(low), close: Number(close) }));
}

/** Six significant digits, without an exponent for prices. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}

export function allMet(conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => condition.met);
}

/** Exits when any of the conditions is met and names it; otherwise holds. */
export function exitWhenAny(conditions: Condition[]): Signal {
  const met = conditions.find((condition) => condition.met);
  if (met === undefined) return { kind: 'hold', conditions };
  return { kind: 'exit', reason: `${met.name}: ${met.value}, wanted ${met.wanted}`, conditions };
}

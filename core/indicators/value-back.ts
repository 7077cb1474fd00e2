/** Reading an indicator series from its end. */
import { BotError } from '../errors/bot-error.js';

/** The value `back` steps before the last one (0: the last). Throws BotError 40005 when the series is too short. */
export function valueBack<T>(series: readonly T[], back: number): T {
  const value = series.at(-1 - back);
  if (value === undefined) {
    throw new BotError(40005, `an indicator has ${series.length} values where ${back + 1} are needed: too few candles were given`);
  }
  return value;
}

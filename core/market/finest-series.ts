/** When the bot decides: at every close of the finest interval that an enabled strategy trades. */
import { intervalMs, type Interval } from './interval.js';

interface TradedSeries {
  symbol: string;
  interval: Interval;
  enabled: boolean;
}

/** The first one of the finest interval, in the order given; of the disabled ones when an operator has disabled all. */
export function finestSeries(strategies: readonly TradedSeries[]): { symbol: string; interval: Interval } {
  const enabled = strategies.filter((strategy) => strategy.enabled);
  const [finest] = [...(enabled.length > 0 ? enabled : strategies)].sort((a, b) => intervalMs(a.interval) - intervalMs(b.interval));
  if (!finest) throw new Error('the configuration guarantees at least one strategy');
  return { symbol: finest.symbol, interval: finest.interval };
}

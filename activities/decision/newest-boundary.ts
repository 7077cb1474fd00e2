/** By REST, for when the feed is silent or not to be trusted. */
import { closeMs } from '../../core/market/candle.js';
import { finestSeries } from '../../core/market/finest-series.js';
import type { DecisionDependencies } from './decision-dependencies.js';
import { strategiesInForce } from './strategies-in-force.js';

/** The newest close of the finest interval, exchange ms; 0 when there is none. */
export async function newestBoundary(deps: Pick<DecisionDependencies, 'configuration' | 'exchange'>, enabledOverrides: Record<string, boolean>): Promise<number> {
  const { symbol, interval } = finestSeries(strategiesInForce(deps, enabledOverrides));
  const newest = (await deps.exchange.closedCandles({ symbol, interval, limit: 1 })).at(-1);
  return newest ? closeMs(newest) : 0;
}

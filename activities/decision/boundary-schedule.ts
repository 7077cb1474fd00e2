/** When the bot decides: at every close of the finest interval that an enabled strategy trades. */
import { intervalMs, type Interval } from '../../core/market/interval.js';
import type { BoundarySchedule } from '../../core/trading/boundary-report.js';
import type { DecisionDependencies } from './decision-dependencies.js';

export function scheduleOf(deps: DecisionDependencies): BoundarySchedule {
  return { lengthMs: intervalMs(finestSeries(deps).interval), overdueCheckMs: deps.overdueCheckMs };
}

export function finestSeries(deps: DecisionDependencies): { symbol: string; interval: Interval } {
  const series = deps.strategies.filter(({ enabled }) => enabled);
  const [finest] = [...series].sort((a, b) => intervalMs(a.interval) - intervalMs(b.interval));
  if (!finest) throw new Error('the configuration guarantees at least one enabled strategy');
  return finest;
}

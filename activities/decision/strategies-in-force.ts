/** The strategies as they are to be evaluated: the configuration's word, with an operator's order over it. */
import type { BotStrategy, DecisionDependencies } from './decision-dependencies.js';

export type StrategyInForce = BotStrategy & { enabledBy: 'configuration' | 'operator' };

export function strategiesInForce({ configuration }: Pick<DecisionDependencies, 'configuration'>, overrides: Record<string, boolean>): StrategyInForce[] {
  return configuration.current().strategies.map((strategy) => {
    const enabled = overrides[strategy.name] ?? strategy.enabled;
    return { ...strategy, enabled, enabledBy: enabled === strategy.enabled ? 'configuration' as const : 'operator' as const };
  });
}

/**
 * The strategies that come with the bot, by the name that the configuration uses. Strategies of the user's own are ES
 * modules in a folder; `config/strategy-loader.ts` reads them and looks here first.
 */
import { breakoutSol } from './breakout-sol.js';
import { meanReversionBtc } from './mean-reversion-btc.js';
import { smaCrossEth } from './sma-cross-eth.js';
import type { Strategy } from './strategy.js';

export const BUILT_IN_STRATEGIES: readonly Strategy[] = [meanReversionBtc, smaCrossEth, breakoutSol];

/** undefined when no built-in strategy has this name */
export function strategyNamed(name: string): Strategy | undefined {
  return BUILT_IN_STRATEGIES.find((strategy) => strategy.name === name);
}

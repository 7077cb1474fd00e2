/**
 * A decision without consequences: this very process asks the exchange for the newest candles and lets every strategy judge
 * them. Proves that a worker can decide before it is trusted to; nothing is written, nothing is ordered.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { intervalMs } from '../../core/market/interval.js';
import { toActivityFailure } from '../failure.js';
import type { Rehearsal } from '../../workflows/runbook-messages.js';
import type { DecisionDependencies } from './decision-dependencies.js';
import { newestBoundary } from './newest-boundary.js';
import { strategiesInForce, type StrategyInForce } from './strategies-in-force.js';

type Finding = Rehearsal['strategies'][number];

export function createRehearsalActivities(deps: DecisionDependencies) {
  return {
    rehearseDecision: async (): Promise<Rehearsal> => {
      try {
        return await rehearse(deps);
      } catch (error) {
        throw toActivityFailure(error);
      }
    },
  };
}

async function rehearse(deps: DecisionDependencies): Promise<Rehearsal> {
  const [newestMs] = await Promise.all([newestBoundary(deps, {}), deps.exchange.wallet(), deps.exchange.positions(), deps.ledger.ping()]);
  const enabled = strategiesInForce(deps, {}).filter((strategy) => strategy.enabled);
  const strategies = await Promise.all(enabled.map((strategy) => judge(deps, strategy, newestMs)));
  if (strategies.length > 0 && !strategies.some(({ fit }) => fit)) {
    throw new BotError(10008, `no strategy can be evaluated: ${strategies.map(({ name, finding }) => `${name}: ${finding}`).join('; ')}`, { retryable: true });
  }
  return { closeMs: newestMs, strategies };
}

/** At the newest close of its own interval. */
async function judge({ candles }: DecisionDependencies, strategy: StrategyInForce, newestMs: number): Promise<Finding> {
  const { name, symbol, interval, warmUp, unfit } = strategy;
  try {
    if (unfit) throw unfit;
    const closeMs = Math.floor(newestMs / intervalMs(interval)) * intervalMs(interval);
    const signal = strategy.evaluate(await candles.endingAt({ symbol, interval }, closeMs, warmUp), undefined);
    return { name, finding: signal.kind, fit: true };
  } catch (error) {
    return { name, finding: error instanceof Error ? error.message : 'unknown failure', fit: false };
  }
}

/** Causes in the strategies themselves: failed, disabled, or waiting for a market that does not come. */
import type { StrategyFacts } from './facts.js';
import type { DiagnosisFinding } from './finding.js';
import { curlOf } from './remedy.js';

export function strategyFindings(strategies: readonly StrategyFacts[], apiUrl: string): DiagnosisFinding[] {
  const noneEnabled = strategies.length > 0 && strategies.every(({ enabled }) => !enabled);
  return strategies.flatMap((strategy) => {
    if (!strategy.enabled) return disabled(strategy, { apiUrl, noneEnabled });
    if (strategy.problem !== null) return [failed(strategy, { ...strategy.problem, apiUrl })];
    return waiting(strategy, apiUrl);
  });
}

/** What the configuration leaves out is its author's will; it is told only when nothing else could trade. */
function disabled({ name, enabledBy }: StrategyFacts, { apiUrl, noneEnabled }: { apiUrl: string; noneEnabled: boolean }): DiagnosisFinding[] {
  if (enabledBy === 'configuration' && !noneEnabled) return [];
  return [{
    cause: 'strategy_disabled', weight: noneEnabled ? 'blocking' : 'limiting', code: null, strategies: [name],
    message: `${name} is disabled by ${enabledBy === 'operator' ? 'an operator' : 'the configuration'}: no entries, exits go on`,
    remedy: 'enable it', call: curlOf(apiUrl, { method: 'POST', path: `/api/v1/strategies/${encodeURIComponent(name)}/enable`, body: { reason: 'why it may trade again' } }),
  }];
}

function failed({ name }: StrategyFacts, { code, message, apiUrl }: { code: DiagnosisFinding['code']; message: string; apiUrl: string }): DiagnosisFinding {
  return {
    cause: code !== null && code >= 40_000 ? 'market_data' : 'strategy_failed', weight: 'limiting', code, strategies: [name],
    message: `${name} could not be evaluated: ${message}`,
    remedy: 'restart it: its candles are read anew and it is evaluated at the next candle',
    call: curlOf(apiUrl, { method: 'POST', path: '/api/v1/strategies/restart', body: { strategy_name: name } }),
  };
}

function waiting({ name, symbol, interval, lastEvaluatedMs, lastSignal, conditions }: StrategyFacts, apiUrl: string): DiagnosisFinding[] {
  const unmet = conditions.filter(({ met }) => !met).map((condition) => `${condition.name} is ${condition.value}, wanted ${condition.wanted}`);
  const common: Omit<DiagnosisFinding, 'message' | 'remedy'> = {
    cause: 'conditions_not_met', weight: 'explaining', code: null, strategies: [name], call: curlOf(apiUrl, { method: 'GET', path: '/api/v1/strategies/debug' }),
  };
  if (lastEvaluatedMs === 0) {
    return [{ ...common, message: `${name} has not been evaluated yet: no candle of ${symbol} ${interval} has closed since the bot started`, remedy: `wait for the next close of ${symbol} ${interval}` }];
  }
  if (lastSignal !== 'hold' || unmet.length === 0) return [];
  return [{
    ...common, message: `${name} holds, as of the ${symbol} ${interval} candle of ${new Date(lastEvaluatedMs).toISOString()}: ${unmet.join('; ')}`,
    remedy: 'nothing is wrong: wait for the market, or review the parameters of the strategy in the configuration',
  }];
}

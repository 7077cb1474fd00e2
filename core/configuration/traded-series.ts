/** What the strategies of a version trade, read from its document alone: no strategy's code is needed. */
import type { Interval } from '../market/interval.js';
import type { ConfigurationVersion } from '../ports/configuration.js';

export interface TradedSeries {
  strategy: string;
  enabled: boolean;
  symbol: string;
  interval: Interval;
}

interface WrittenStrategy {
  name: string;
  enabled: boolean;
  /** of a built-in strategy: complete, so symbol and interval are there */
  parameters: { symbol: string; interval: Interval };
}

/** In the order of the document. A strategy of the user's own may name symbol and interval otherwise than by parameters. */
export function tradedSeries({ document, strategyFiles }: Pick<ConfigurationVersion, 'document' | 'strategyFiles'>): TradedSeries[] {
  return (document['strategies'] as WrittenStrategy[]).map(({ name, enabled, parameters }) => {
    const { symbol, interval } = strategyFiles[name] ?? parameters;
    return { strategy: name, enabled, symbol, interval };
  });
}

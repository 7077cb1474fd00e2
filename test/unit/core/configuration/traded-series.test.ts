import { describe, expect, it } from 'vitest';
import { tradedSeries } from '../../../../core/configuration/traded-series.js';

describe('what the strategies of a version trade', () => {
  it('stands in their parameters, and for a strategy of the user\'s own beside its file\'s digest', () => {
    const strategies = [
      { name: 'sma_cross_eth', enabled: true, parameters: { symbol: 'ETHUSDT', interval: '60', sma_fast: 10 } },
      { name: 'mine', enabled: false, parameters: { market: 'xrp' } },
    ];
    expect(tradedSeries({ document: { strategies }, strategyFiles: { mine: { sha256: 'a', symbol: 'XRPUSDT', interval: '15' } } })).toEqual([
      { strategy: 'sma_cross_eth', enabled: true, symbol: 'ETHUSDT', interval: '60' },
      { strategy: 'mine', enabled: false, symbol: 'XRPUSDT', interval: '15' },
    ]);
  });
});

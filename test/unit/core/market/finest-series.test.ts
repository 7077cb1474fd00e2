import { describe, expect, it } from 'vitest';
import { finestSeries } from '../../../../core/market/finest-series.js';

const BTC = { symbol: 'BTCUSDT', interval: '60', enabled: true } as const;
const ETH = { symbol: 'ETHUSDT', interval: '15', enabled: true } as const;

describe('the finest series', () => {
  it('is that of the shortest interval which an enabled strategy trades', () => {
    expect(finestSeries([BTC, ETH])).toEqual({ symbol: 'ETHUSDT', interval: '15' });
    expect(finestSeries([BTC, { ...ETH, enabled: false }])).toEqual({ symbol: 'BTCUSDT', interval: '60' });
    expect(finestSeries([{ ...BTC, interval: 'D' }, { ...ETH, interval: '720' }])).toMatchObject({ interval: '720' });
  });

  it('is the first of several that are as fine, so that the choice does not wander', () => {
    expect(finestSeries([{ ...BTC, interval: '15' }, ETH])).toMatchObject({ symbol: 'BTCUSDT' });
  });

  it('is one of the disabled ones when all are disabled, and does not exist without strategies', () => {
    expect(finestSeries([{ ...BTC, enabled: false }])).toMatchObject({ symbol: 'BTCUSDT' });
    expect(() => finestSeries([])).toThrow(/at least one strategy/);
  });
});

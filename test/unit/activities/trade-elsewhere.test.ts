import { describe, expect, it } from 'vitest';
import { tradeElsewhere } from '../../../activities/decision/trade-elsewhere.js';
import { tradeIdFor } from '../../../core/orders/ids.js';
import { d } from '../core/samples.js';

const DECIDED_MS = Date.UTC(2026, 0, 5);
const STRATEGY = { name: 'sma_cross_eth', symbol: 'ETHUSDT' };
const heldOn = (symbol: string) => ({ tradeId: tradeIdFor({ strategy: STRATEGY.name, symbol, decidedMs: DECIDED_MS }), side: 'Buy' as const, entryPrice: d('3000'), decidedMs: DECIDED_MS });

describe('an open trade of a strategy', () => {
  it('on its own symbol is no obstacle, and neither is none', () => {
    expect(tradeElsewhere(STRATEGY, heldOn('ETHUSDT'))).toBeUndefined();
    expect(tradeElsewhere(STRATEGY, undefined)).toBeUndefined();
  });

  it('on another symbol keeps the strategy from deciding on candles that are not the trade\'s', () => {
    expect(tradeElsewhere(STRATEGY, heldOn('SOLUSDT'))).toMatchObject({ code: 10008, message: expect.stringMatching(/configured for ETHUSDT and still holds trade SOLUSDT-/) as string });
  });
});

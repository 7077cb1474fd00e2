import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitOfOrderLinkId, orderLinkIdFor, tradeIdFor } from '../../../../core/orders/ids.js';

const anyTradeId = fc.record({
  strategy: fc.string({ minLength: 1, maxLength: 64 }),
  symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT', '1000PEPEUSDT'),
  decidedMs: fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2060, 0, 1) }),
}).map(tradeIdFor);

describe('the order link id of an exit', () => {
  it('says which trade, leg and epoch it was made of', () =>
    fc.assert(fc.property(anyTradeId, fc.constantFrom('exit', 'protect'), fc.integer({ min: 0, max: 40_000 }), (tradeId, leg, epoch) => {
      expect(exitOfOrderLinkId(orderLinkIdFor(tradeId, leg, epoch))).toEqual({ tradeId, leg, epoch });
    })));

  it.each(['BTCUSDT-t8d6wc-z8or-e0', '', 'somebody-elses', 'BTCUSDT-t8d6wc-z8or-x'])('is not what "%s" is', (id) => {
    expect(exitOfOrderLinkId(id)).toBeUndefined();
  });
});

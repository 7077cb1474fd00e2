import { describe, expect, it } from 'vitest';
import { orderRequest } from '../../../../adapters/bybit/order-request.js';
import { toDecimalString } from '../../../../core/money/decimal.js';
import { entry, exit } from './exchange-under-test.js';

describe('an order in the words of the exchange', () => {
  it('carries the stop of an entry in the same request', () => {
    expect(orderRequest(entry(), 'LastPrice')).toEqual({
      category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.010', positionIdx: 0,
      orderLinkId: 'BTCUSDT-abc-1234-e0', tpslMode: 'Full', stopLoss: '60000', slTriggerBy: 'LastPrice', slOrderType: 'Market',
    });
  });

  it('carries a take-profit when the strategy sets one, on the same trigger', () => {
    expect(orderRequest(entry({ takeProfit: toDecimalString('70000') }), 'MarkPrice'))
      .toMatchObject({ takeProfit: '70000', tpTriggerBy: 'MarkPrice', slTriggerBy: 'MarkPrice', tpOrderType: 'Market' });
  });

  it('makes an exit reduce-only and attaches nothing to it', () => {
    expect(orderRequest(exit(), 'LastPrice')).toEqual({
      category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0.010', positionIdx: 0,
      orderLinkId: 'BTCUSDT-abc-1234-x0', reduceOnly: true,
    });
  });
});

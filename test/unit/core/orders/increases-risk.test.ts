import { describe, expect, it } from 'vitest';
import { increasesRisk } from '../../../../core/orders/increases-risk.js';
import { closeIdFor, orderLinkIdFor } from '../../../../core/orders/ids.js';
import { orderOf } from '../samples.js';

const entry = orderOf({ status: 'New', stopOrderType: '', reduceOnly: false });

describe('an order that an emergency cancels', () => {
  it('is an open one that could open a position or make it larger', () => {
    expect([increasesRisk(entry), increasesRisk({ ...entry, status: 'PartiallyFilled' }), increasesRisk({ ...entry, status: 'Untriggered', stopOrderType: 'Stop' })]).toEqual([true, true, true]);
  });

  it.each(['StopLoss', 'PartialStopLoss', 'TakeProfit', 'PartialTakeProfit', 'TrailingStop'])('is no %s', (stopOrderType) => {
    expect(increasesRisk({ ...entry, status: 'Untriggered', stopOrderType })).toBe(false);
  });

  it('is no reduce-only one, conditional or not, and none that is over', () => {
    expect(increasesRisk({ ...entry, reduceOnly: true })).toBe(false);
    expect(increasesRisk({ ...entry, reduceOnly: true, stopOrderType: 'Stop', status: 'Untriggered' })).toBe(false);
    expect(increasesRisk({ ...entry, status: 'Filled' })).toBe(false);
  });
});

describe('the id of a closing by hand', () => {
  it('is one per request and symbol, and fits an order link id', () => {
    const id = closeIdFor({ symbol: '1000000MOGUSDT', requestId: 'a-request' });
    expect(closeIdFor({ symbol: '1000000MOGUSDT', requestId: 'a-request' })).toBe(id);
    expect(closeIdFor({ symbol: '1000000MOGUSDT', requestId: 'another' })).not.toBe(id);
    expect(orderLinkIdFor(id, 'exit', 40).length).toBeLessThanOrEqual(36);
  });
});

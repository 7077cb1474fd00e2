import { describe, expect, it } from 'vitest';
import { compareAccount, type AccountView, type HeldTrade } from '../../../../core/reconciliation/compare-account.js';
import { BTC, d, orderOf, positionOf } from '../samples.js';

const TRADE: HeldTrade = { tradeId: 'BTCUSDT-abc-0001', symbol: BTC.symbol, side: 'Buy', state: 'open', qty: d('0.5') };

const compared = (view: Partial<AccountView>): ReturnType<typeof compareAccount> =>
  compareAccount({ openTrades: [TRADE], positions: [positionOf()], openOrders: [orderOf()], ...view });

function expectOnly(view: Partial<AccountView>, kind: string, says: RegExp): void {
  expect(compared(view)).toEqual({ kind: 'differs', differences: [expect.objectContaining({ kind, symbol: 'BTCUSDT', detail: expect.stringMatching(says) })] });
}

describe('bot and exchange agree', () => {
  it('when every trade has its protected position and there is nothing else', () => {
    expect(compared({})).toEqual({ kind: 'agreed' });
    expect(compared({ openTrades: [], positions: [], openOrders: [] })).toEqual({ kind: 'agreed' });
  });

  it('when sizes are equal numbers written differently', () => {
    expect(compared({ openTrades: [{ ...TRADE, qty: '0.500' as HeldTrade['qty'] }] })).toEqual({ kind: 'agreed' });
  });

  it.each(['opening', 'closing'] as const)('while a trade is %s, with anything between nothing and its full size', (state) => {
    const openTrades = [{ ...TRADE, state }];
    expect(compared({ openTrades, positions: [], openOrders: [] })).toEqual({ kind: 'agreed' });
    expect(compared({ openTrades, positions: [positionOf({ size: d('0.2') })] })).toEqual({ kind: 'agreed' });
  });

  it('when a flat position is listed, and when the stop is known by the position\'s price alone', () => {
    expect(compared({ openTrades: [], positions: [positionOf({ side: 'None', size: d('0') })], openOrders: [] })).toEqual({ kind: 'agreed' });
    expect(compared({ openOrders: [] })).toEqual({ kind: 'agreed' });
  });

  it('when a stop without a quantity covers the whole position, and with a target beside it', () => {
    const target = orderOf({ orderId: 'o-2', stopOrderType: 'TakeProfit' });
    expect(compared({ openOrders: [orderOf({ qty: d('0') }), target] })).toEqual({ kind: 'agreed' });
  });

  it('when the entry or exit order of an open trade is still working', () => {
    expect(compared({ openOrders: [orderOf(), orderOf({ orderLinkId: `${TRADE.tradeId}-x0`, stopOrderType: '' })] })).toEqual({ kind: 'agreed' });
  });
});

describe('bot and exchange differ', () => {
  it('when a trade\'s position is gone', () => expectOnly({ positions: [], openOrders: [] }, 'position_missing', /0\.5 Buy.*nothing/));
  it('when a position belongs to no trade', () => expectOnly({ openTrades: [] }, 'position_unknown', /Buy 0\.5/));
  it('when the position is smaller or larger than the trade', () => {
    expectOnly({ positions: [positionOf({ size: d('0.4') })] }, 'size_differs', /0\.5.*0\.4/);
    expectOnly({ openTrades: [{ ...TRADE, state: 'opening', qty: d('0.4') }] }, 'size_differs', /opening.*0\.4.*0\.5/);
  });
  it('when the position is on the other side', () => {
    expectOnly({ openTrades: [{ ...TRADE, side: 'Sell' }] }, 'side_differs', /trade is Sell 0\.5.*Buy 0\.5/);
  });
  it('when a position has no stop at all, or only a cancelled one', () => {
    const positions = [positionOf({ stopLoss: d('0') })];
    expectOnly({ positions, openOrders: [] }, 'unprotected', /no exchange-side stop/);
    expectOnly({ positions, openOrders: [orderOf({ status: 'Cancelled' })] }, 'unprotected', /no exchange-side stop/);
  });
  it('when the stops cover less than the position', () => {
    expectOnly({ openOrders: [orderOf({ qty: d('0.3') })] }, 'protection_insufficient', /0\.3 of 0\.5/);
  });
  it('when an order of ours works for a trade that is not open', () => {
    expectOnly({ openOrders: [orderOf(), orderOf({ orderLinkId: 'BTCUSDT-old-0001-e0', stopOrderType: '' })] }, 'order_unknown', /BTCUSDT-old-0001-e0/);
  });
  it('when somebody else placed an order', () => {
    expectOnly({ openOrders: [orderOf(), orderOf({ orderId: 'manual', stopOrderType: '', orderLinkId: '' })] }, 'order_foreign', /manual/);
  });
  it('when two trades claim one symbol', () => {
    const second = { ...TRADE, tradeId: 'BTCUSDT-abc-0002' };
    expectOnly({ openTrades: [TRADE, second] }, 'symbol_shared', /BTCUSDT-abc-0001/);
  });
  it('names every difference, not only the first', () => {
    const view = { openTrades: [{ ...TRADE, symbol: 'ETHUSDT' }], positions: [positionOf({ stopLoss: d('0') })], openOrders: [] };
    const agreement = compared(view);
    expect(agreement.kind === 'differs' && agreement.differences.map(({ kind }) => kind)).toEqual(['position_missing', 'position_unknown', 'unprotected']);
  });
});

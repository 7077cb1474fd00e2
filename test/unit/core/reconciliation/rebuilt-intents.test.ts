import { describe, expect, it } from 'vitest';
import { orderLinkIdFor, tradeIdFor } from '../../../../core/orders/ids.js';
import { intentOfOrder } from '../../../../core/reconciliation/rebuilt-intents.js';
import { aClosedTrade, anOrder, money } from '../../../support/postgres-facts.js';
import { MONDAY_MS } from '../samples.js';

const TRADE_ID = tradeIdFor({ strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', decidedMs: MONDAY_MS });
const order = (leg: 'entry' | 'exit') => anOrder({ orderLinkId: orderLinkIdFor(TRADE_ID, leg, 0), stopLoss: money('41000'), takeProfit: money('0') });
const trade = aClosedTrade({ tradeId: TRADE_ID, decidedMs: MONDAY_MS, leverage: money('3'), exitReason: 'operator' });

describe('an intent that is rebuilt from its order', () => {
  it('of an entry has the stop of the order and the leverage of the trade', () => {
    expect(intentOfOrder(order('entry'), trade)).toMatchObject({ kind: 'entry', purpose: 'entry', tradeId: TRADE_ID, stopLoss: '41000', takeProfit: null, leverage: '3', decidedMs: MONDAY_MS });
  });

  it('of an exit has the reason why the trade ended', () => {
    expect(intentOfOrder(order('exit'), trade)).toMatchObject({ kind: 'exit', purpose: 'operator', stopLoss: null, takeProfit: null, leverage: null });
  });

  it('without the trade takes the instant from its id, and is an operator\'s exit', () => {
    expect(intentOfOrder(order('exit'), undefined)).toMatchObject({ purpose: 'operator', decidedMs: MONDAY_MS });
    expect(intentOfOrder(order('entry'), undefined)).toMatchObject({ leverage: '1', decidedMs: MONDAY_MS });
  });

  it('is none when the order is not ours', () => {
    expect(intentOfOrder(anOrder({ orderLinkId: '' }), undefined)).toBeUndefined();
    expect(intentOfOrder(anOrder({ orderLinkId: 'by-hand' }), undefined)).toBeUndefined();
  });
});

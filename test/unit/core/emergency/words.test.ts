import { describe, expect, it } from 'vitest';
import { manualSteps, notificationOf, openInWords, stillOpen } from '../../../../core/emergency/words.js';
import { d, orderOf, positionOf } from '../samples.js';

const ENTRY = orderOf({ orderId: 'o-7', orderLinkId: '', status: 'New', stopOrderType: '', createType: 'CreateByUser', reduceOnly: false, side: 'Buy', qty: d('0.01') });
const NEWS = { haltId: 'halt-1', reason: 'storm', actor: 'operator', mode: 'live' };

describe('what is still open', () => {
  it('names orders that can increase risk and positions with their stops, and says loudly when there is none', () => {
    const open = stillOpen({ orders: [ENTRY, orderOf()], positions: [positionOf(), positionOf({ symbol: 'ETHUSDT', side: 'Sell', stopLoss: d('0') })] });
    expect(open).toEqual({ orders: ['Buy 0.01 BTCUSDT (o-7)'], positions: ['Buy 0.5 BTCUSDT, stop 59000', 'Sell 0.5 ETHUSDT, WITHOUT A STOP'] });
    expect(openInWords(open)).toBe('orders: Buy 0.01 BTCUSDT (o-7), open under their stops: Buy 0.5 BTCUSDT, stop 59000; Sell 0.5 ETHUSDT, WITHOUT A STOP');
  });

  it('is nothing, or not known', () => {
    expect(openInWords({ orders: [], positions: [] })).toBe('no order that can increase risk, no position is open');
    expect(openInWords(null)).toContain('could not be asked');
  });
});

it('the manual step names Bybit\'s page and exactly what is open', () => {
  expect(manualSteps({ orders: [], positions: ['Buy 0.5 BTCUSDT, stop 59000'] }).join()).toMatch(/API Management[^]*Buy 0\.5 BTCUSDT, stop 59000/);
});

describe('a notification', () => {
  it.each([
    { stage: { kind: 'activated' } as const, words: /SHUTDOWN ACTIVATED \(live, halt halt-1, by operator: storm\)/ },
    { stage: { kind: 'unfinished', afterSeconds: 60, because: 'Buy 1 BTCUSDT' } as const, words: /NOT FINISHED[^]*Still at it after 60 s: Buy 1 BTCUSDT/ },
    { stage: { kind: 'ended', outcome: 'no position is open' } as const, words: /CARRIED OUT[^]*no position is open\. Disable the API keys/ },
  ])('says what is happening: $stage.kind', ({ stage, words }) => {
    expect(notificationOf(stage, NEWS)).toMatchObject({ severity: 'critical', text: expect.stringMatching(words) as string });
  });

  it('is never longer than two parts of an SMS', () => {
    expect(notificationOf({ kind: 'ended', outcome: 'x'.repeat(1_000) }, NEWS).text).toHaveLength(306);
  });
});

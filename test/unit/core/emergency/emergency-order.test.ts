import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asksForMore, STOPPABLE, widened } from '../../../../core/emergency/emergency-order.js';
import { withClosing } from '../../../../core/runbooks/emergency-shutdown.js';

const wish = fc.record({ closePositions: fc.boolean(), stopServices: fc.subarray([...STOPPABLE]) });

describe('asking twice for an emergency', () => {
  it('asks for the most of both, in whatever order, and takes nothing back', () => {
    fc.assert(fc.property(wish, wish, (first, second) => {
      const both = widened(first, second);
      expect(both).toEqual(widened(second, first));
      expect(both.closePositions).toBe(first.closePositions || second.closePositions);
      expect(asksForMore(both, first) || asksForMore(both, second)).toBe(false);
    }));
  });

  it('is more when it closes or stops what the first did not', () => {
    expect(asksForMore({ closePositions: false, stopServices: [] }, { closePositions: true, stopServices: [] })).toBe(true);
    expect(asksForMore({ closePositions: true, stopServices: ['api'] }, { closePositions: false, stopServices: ['trading-worker'] })).toBe(true);
    expect(asksForMore({ closePositions: true, stopServices: ['api'] }, { closePositions: false, stopServices: ['api'] })).toBe(false);
  });
});

describe('what two paths have closed', () => {
  it('is looked for under every symbol of both, from the earlier instant on', () => {
    expect(withClosing({ symbols: ['BTCUSDT', 'ETHUSDT'], fromMs: 20 }, { symbols: ['ETHUSDT', 'SOLUSDT'], fromMs: 10 })).toEqual({ symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], fromMs: 10 });
  });

  it('is what the one has closed when the other has closed nothing', () => {
    const span = { symbols: ['BTCUSDT'], fromMs: 20 };
    expect([withClosing(null, span), withClosing(span, null), withClosing(null, null)]).toEqual([span, span, null]);
  });
});

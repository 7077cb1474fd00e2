import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, Decimal, toDecimalString } from '../../../core/money/decimal.js';
import { Reductions } from '../../../workflows/trade-reductions.js';

const money = toDecimalString;
const part = (requestId: string, qty: string) => ({ requestId, reason: 'operator' as const, qty: money(qty) });

describe('the parts of a position to close', () => {
  it('are closed one after the other, the next once the executions show what the last left', () => {
    const reductions = new Reductions();
    reductions.take(part('a', '0.3'));
    reductions.take(part('b', '0.2'));
    expect(reductions.next(money('1'))).toEqual({ reason: 'operator', keep: '0.7' });
    reductions.answered({ kind: 'reduced', size: money('0.7') });
    expect(reductions.next(money('1'))).toBeUndefined();
    reductions.seen(money('1'));
    expect([reductions.next(money('1')), reductions.isBusy]).toEqual([undefined, true]);
    reductions.seen(money('0.7'));
    expect(reductions.next(money('0.7'))).toEqual({ reason: 'operator', keep: '0.5' });
  });

  it('count once however often they are asked for, also in the next run', () => {
    const reductions = new Reductions();
    reductions.take(part('a', '0.3'));
    reductions.take(part('a', '0.3'));
    expect(reductions.waiting).toBe(1);
    const next = new Reductions(reductions.carried());
    next.take(part('a', '0.3'));
    expect(next.waiting).toBe(1);
  });

  it('keep their aim while an order left more standing', () => {
    const reductions = new Reductions();
    reductions.take(part('a', '0.3'));
    reductions.next(money('1'));
    reductions.answered({ kind: 'remains', size: '0.9', message: 'cancelled' });
    expect(new Reductions(reductions.carried()).next(money('0.9'))).toEqual({ reason: 'operator', keep: '0.7' });
  });

  it('give up waiting for executions that say otherwise for good', () => {
    const reductions = new Reductions();
    reductions.take(part('a', '0.3'));
    reductions.next(money('1'));
    reductions.answered({ kind: 'reduced', size: money('0.7') });
    for (let asked = 0; asked < 40; asked += 1) reductions.seen(money('0.6'));
    expect(reductions.isBusy).toBe(false);
  });

  it('together never close more than was asked for, whatever orders fill and whatever is repeated', () => {
    const parts = fc.array(fc.record({ id: fc.integer({ min: 0, max: 5 }), qty: fc.integer({ min: 1, max: 400 }), fills: fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 }) }), { maxLength: 12 });
    fc.assert(fc.property(parts, (asked) => {
      let reductions = new Reductions();
      let open = new Decimal(1_000);
      const wanted = new Map(asked.toReversed().map(({ id, qty }) => [id, qty]));
      for (const { id, fills } of asked) {
        reductions.take(part(String(id), String(wanted.get(id))));
        for (const percent of fills) {
          reductions = new Reductions(reductions.carried());
          const next = reductions.next(money(open));
          if (!next) break;
          const order = Decimal.max(0, open.minus(dec(next.keep)));
          open = open.minus(order.times(percent).div(100).floor());
          reductions.answered(open.lte(dec(next.keep)) ? { kind: 'reduced', size: money(open) } : { kind: 'remains', size: open.toFixed(), message: '' });
          reductions.seen(money(open));
        }
      }
      const total = [...wanted.values()].reduce((sum, qty) => sum + qty, 0);
      expect(open.gte(Math.max(0, 1_000 - total))).toBe(true);
    }), { seed: 7, numRuns: 300 });
  });
});

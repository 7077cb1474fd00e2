import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO, dec, roundToWalletPrecision, toDecimalString } from '../../../../core/money/decimal.js';
import { EMPTY_POSITION, applyFill, applyFunding, unrealisedPnl, walletChange, type PositionBook, type PositionFill } from '../../../../core/portfolio/position.js';

const SEED = 20260105;

const fill = (side: 'Buy' | 'Sell', qty: string, price: string, feeRate = '0.00055'): PositionFill =>
  ({ side, qty: toDecimalString(qty), price: toDecimalString(price), feeRate: toDecimalString(feeRate) });

const fold = (fills: readonly PositionFill[]): PositionBook => fills.reduce((book, each) => applyFill(book, each).book, EMPTY_POSITION);

describe('the accounting of a position', () => {
  it('weights the average entry price by quantity', () => {
    expect(fold([fill('Buy', '1', '100'), fill('Buy', '3', '200')]).averagePrice).toBe('175');
  });

  it('keeps 40 significant digits of an average that never ends', () => {
    expect(fold([fill('Buy', '1', '100'), fill('Buy', '2', '101')]).averagePrice).toBe(`100.${'6'.repeat(36)}7`);
  });

  it('keeps the average when the position is reduced, and realises the reduced part', () => {
    const { book, effect } = applyFill(fold([fill('Buy', '2', '100', '0')]), fill('Sell', '0.5', '110', '0.001'));
    expect(book).toMatchObject({ signedSize: '1.5', averagePrice: '100', realisedPnl: '5' });
    expect(effect).toMatchObject({ closedQty: '0.5', openedQty: '0', realisedPnl: '5', fee: '0.055', entryPrice: '100' });
  });

  it('profits from a falling price when short', () => {
    const { effect } = applyFill(fold([fill('Sell', '2', '100')]), fill('Buy', '2', '90'));
    expect(effect.realisedPnl).toBe('20');
  });

  it('closes all and then opens the rest when a fill goes through zero', () => {
    const { book, effect } = applyFill(fold([fill('Buy', '1', '100', '0')]), fill('Sell', '3', '110', '0'));
    expect(effect).toMatchObject({ closedQty: '1', openedQty: '2', realisedPnl: '10' });
    expect(book).toMatchObject({ signedSize: '-2', averagePrice: '110', realisedPnl: '10' });
  });

  it('gives the opening fees to the reductions that close them, and none stay behind', () => {
    const opened = fold([fill('Buy', '3', '100', '0.001')]);
    const first = applyFill(opened, fill('Sell', '1', '100', '0'));
    const second = applyFill(first.book, fill('Sell', '2', '100', '0'));
    expect([first.effect.openFeeShare, second.effect.openFeeShare, second.book.openFees]).toEqual(['0.1', '0.2', '0']);
  });

  it('splits the fee of a flip between what it closed and what it opened', () => {
    const { book, effect } = applyFill(fold([fill('Buy', '1', '100', '0')]), fill('Sell', '4', '100', '0.001'));
    expect(effect).toMatchObject({ fee: '0.4', closeFee: '0.1' });
    expect(book.openFees).toBe('0.3');
  });

  it('rounds fee, profit and funding half to even at 8 decimals, each once', () => {
    const opened = applyFill(EMPTY_POSITION, fill('Buy', '0.001', '0.00001', '0.5'));
    expect(opened.effect.fee).toBe('0');
    expect(applyFill(EMPTY_POSITION, fill('Buy', '0.001', '0.00003', '0.5')).effect.fee).toBe('0.00000002');
    const funded = applyFunding(fold([fill('Sell', '0.001', '1')]), { markPrice: toDecimalString('0.00003'), rate: toDecimalString('0.5') });
    expect(funded.payment).toBe('-0.00000002');
  });

  it('lets a long pay a positive funding rate and a short receive it', () => {
    const funding = { markPrice: toDecimalString('50000'), rate: toDecimalString('0.0001') };
    expect(applyFunding(fold([fill('Buy', '0.5', '40000')]), funding).payment).toBe('2.5');
    expect(applyFunding(fold([fill('Sell', '0.5', '40000')]), funding).payment).toBe('-2.5');
  });

  it('refuses a fill without a quantity', () => {
    expect(() => applyFill(EMPTY_POSITION, fill('Buy', '0', '100'))).toThrow('a fill needs a quantity above zero, not 0');
  });
});

const anyFill = fc.record({
  side: fc.constantFrom('Buy' as const, 'Sell' as const),
  qty: fc.integer({ min: 1, max: 5000 }).map((steps) => toDecimalString(dec(toDecimalString('0.001')).times(steps))),
  price: fc.integer({ min: 1, max: 2_000_000 }).map((ticks) => toDecimalString(dec(toDecimalString('0.1')).times(ticks))),
  feeRate: fc.constantFrom(toDecimalString('0.00055'), toDecimalString('0.0002')),
});

describe(`the accounting of any position (seed ${SEED})`, () => {
  it('holds exactly what was bought less what was sold, and each effect splits its fill', () => {
    fc.assert(fc.property(fc.array(anyFill, { maxLength: 40 }), (fills) => {
      let book = EMPTY_POSITION;
      for (const each of fills) {
        const applied = applyFill(book, each);
        expect(dec(applied.effect.closedQty).plus(applied.effect.openedQty).eq(each.qty)).toBe(true);
        book = applied.book;
      }
      const net = fills.reduce((sum, each) => sum.plus(dec(each.qty).times(each.side === 'Buy' ? 1 : -1)), ZERO);
      expect(book.signedSize).toBe(toDecimalString(net));
    }), { seed: SEED });
  });

  it('has a realised profit that, when flat, is the cash of all sales less that of all purchases, to the rounding of each reduction', () => {
    fc.assert(fc.property(fc.array(anyFill, { minLength: 1, maxLength: 30 }), (fills) => {
      const open = fold(fills);
      const size = dec(open.signedSize);
      const closing = size.isZero() ? [] : [fill(size.gt(0) ? 'Sell' : 'Buy', size.abs().toFixed(), '777')];
      const all = [...fills, ...closing];
      const cash = all.reduce((sum, each) => sum.plus(dec(each.price).times(each.qty).times(each.side === 'Sell' ? 1 : -1)), ZERO);
      const allowed = dec(toDecimalString('0.00000001')).times(all.length);
      expect(dec(fold(all).realisedPnl).minus(cash).abs().lte(allowed)).toBe(true);
      expect(fold(all)).toMatchObject({ signedSize: '0', averagePrice: '0', openFees: '0' });
    }), { seed: SEED });
  });

  it('books only amounts of wallet precision', () => {
    fc.assert(fc.property(fc.array(anyFill, { maxLength: 30 }), (fills) => {
      const change = walletChange(fold(fills));
      expect(roundToWalletPrecision(change).eq(change)).toBe(true);
    }), { seed: SEED });
  });

  it('is worth nothing unrealised at its own average price', () => {
    fc.assert(fc.property(fc.array(anyFill, { minLength: 1, maxLength: 10 }), (fills) => {
      const book = fold(fills);
      expect(unrealisedPnl(book, dec(book.averagePrice)).isZero()).toBe(true);
    }), { seed: SEED });
  });
});

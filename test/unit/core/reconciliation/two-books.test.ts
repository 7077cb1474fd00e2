import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../../core/reconciliation/reconcile.js';
import { TwoBooks, type BookWindow } from '../../../../core/reconciliation/two-books.js';
import { MONDAY_MS } from '../samples.js';
import { events, harm, harmed, readingOf, type Event } from './booked-events.js';

const bought = (steps: number): Event => ({ symbol: 'BTCUSDT', kind: 'fill', side: 'Buy', steps, price: 20_000 });

/** As an exchange gives them: everything of one span, then everything of the next. */
function windowsOf(all: Pick<ReturnType<typeof readingOf>, 'ledger' | 'exchange' | 'transactions'>, { lengthMs, logLateMs }: { lengthMs: number; logLateMs: number }): BookWindow[] {
  const windows: BookWindow[] = [];
  for (let fromMs = MONDAY_MS; fromMs <= MONDAY_MS + 30; fromMs += lengthMs) {
    const within = (ms: number): boolean => ms >= fromMs && ms < fromMs + lengthMs;
    const of = <T extends { execMs: number }>(executions: readonly T[]): T[] => executions.filter(({ execMs }) => within(execMs));
    windows.push({ ledger: of(all.ledger), exchange: of(all.exchange), transactions: all.transactions.filter(({ atMs }) => within(atMs + logLateMs)) });
  }
  return windows;
}

describe('two books that are read window by window', () => {
  it('give the same answer as when they are read at once, also when the log is a moment late', () => {
    const cut = fc.record({ lengthMs: fc.integer({ min: 1, max: 12 }), logLateMs: fc.constantFrom(0, 1) });
    // harms begin anywhere, so that some windows agree before
    const harms = fc.tuple(fc.nat(20), fc.array(harm, { maxLength: 10 })).map(([sound, rest]) => [...Array.from({ length: sound }, () => 'keep'), ...rest, 'keep']);
    fc.assert(fc.property(events, harms, cut, (all, harmsDone, how) => {
      const whole = readingOf(all, (executions) => harmed(executions, harmsDone));
      const books = new TwoBooks();
      for (const window of windowsOf(whole, how)) books.read(window);
      const { settled, ledger, exchange, transactions, cashBalance } = books;
      expect(reconcile({ ...whole, settled, ledger, exchange, transactions })).toEqual(reconcile(whole));
      expect(cashBalance).toBe(whole.exchangeBalance);
    }));
  });

  it('keep nothing of what agrees, and everything from the first difference on', () => {
    const whole = readingOf(Array.from({ length: 9 }, (_, index) => bought(1 + index)), (executions) => executions);
    const sound = new TwoBooks();
    for (const window of windowsOf(whole, { lengthMs: 3, logLateMs: 0 })) sound.read(window);
    expect([sound.kept, sound.keptSinceMs]).toEqual([0, undefined]);
    const broken = new TwoBooks();
    for (const window of windowsOf({ ...whole, ledger: whole.ledger.filter((_, index) => index !== 4) }, { lengthMs: 3, logLateMs: 0 })) broken.read(window);
    expect([broken.exchange.length, broken.ledger.length, broken.keptSinceMs]).toEqual([6, 5, MONDAY_MS + 3]);
  });

  it('take the ledger\'s word for what the exchange remembers no more', () => {
    const whole = readingOf(Array.from({ length: 6 }, (_, index) => bought(1 + index)), (executions) => executions);
    const books = new TwoBooks();
    books.trust(whole.ledger.slice(0, 3));
    books.read({ ledger: whole.ledger.slice(3), exchange: whole.exchange.slice(3), transactions: whole.transactions.slice(3) });
    expect(reconcile({ ...whole, settled: books.settled, ledger: books.ledger, exchange: books.exchange, transactions: books.transactions })).toMatchObject({ difference: '0', sizes: [], movements: [] });
  });
});

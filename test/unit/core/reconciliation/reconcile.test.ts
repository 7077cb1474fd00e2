import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO, dec, toDecimalString, type DecimalString } from '../../../../core/money/decimal.js';
import { agrees, provenSpan, reconcile } from '../../../../core/reconciliation/reconcile.js';
import { candidatesFor, type BalanceMovement } from '../../../../core/reconciliation/what-if.js';
import { MONDAY_MS, d } from '../samples.js';
import { events, harm, harmed, readingOf, type Event } from './booked-events.js';

function correctionExpected(execId: string, index: number, harmDone: string): string[] {
  if (harmDone === 'keep') return [];
  if (harmDone === 'invent') return [`extra invented-${index}`];
  return [`${harmDone === 'lose' ? 'missing' : 'altered'} ${execId}`];
}

describe('reconciling exchange and ledger', () => {
  it('explains every difference exactly, by the events that are missing, extra or altered and by transfers', () => {
    fc.assert(fc.property(events, fc.array(harm, { minLength: 1, maxLength: 25 }), (all, harms) => {
      const reading = readingOf(all, (executions) => harmed(executions, harms));
      const found = reconcile(reading);
      expect(found.unexplained).toBe('0');
      const effects = [...found.corrections.map(({ walletEffect }) => walletEffect), ...found.movements.map(({ change }) => change)];
      expect(effects.reduce((sum, effect) => sum.plus(dec(effect)), dec(found.ledgerBalance)).toFixed()).toBe(dec(found.exchangeBalance).toFixed());
      const expected = reading.exchange.flatMap((execution, index) => correctionExpected(execution.execId, index, harms[index % harms.length] ?? 'keep'));
      expect(found.corrections.map(({ kind, execution }) => `${kind} ${execution.execId}`).sort()).toEqual(expected.sort());
      for (const { symbol, exchange, ledger } of found.sizes) {
        const changes = found.corrections.flatMap(({ sizeEffects }) => sizeEffects).filter((effect) => effect.symbol === symbol);
        expect(changes.reduce((sum, { change }) => sum.plus(dec(change)), dec(ledger)).toFixed()).toBe(dec(exchange).toFixed());
      }
    }));
  });

  it('agrees when nothing is wrong, and says so', () => {
    fc.assert(fc.property(events, (all) => {
      const trading = all.filter(({ kind }) => kind !== 'transfer');
      expect(agrees(reconcile(readingOf(trading, (executions) => [...executions].reverse())))).toBe(true);
    }));
  });

  it('adds up also when there are more differences than it lists', () => {
    const many = Array.from({ length: 300 }, (_, index): Event => ({ symbol: 'BTCUSDT', kind: 'fill', side: index % 3 === 0 ? 'Sell' : 'Buy', steps: 1 + (index % 7), price: 20_000 + index }));
    const found = reconcile(readingOf(many, () => []));
    expect(found).toMatchObject({ corrections: { length: 200 }, further: { count: 100 }, unexplained: '0' });
    expect(provenSpan(found, { fromMs: 1, untilMs: 2 })).toEqual({ fromMs: 1, untilMs: 2 });
  });

  it('names what nothing explains', () => {
    const reading = { ...readingOf([{ symbol: 'BTCUSDT', kind: 'fill', side: 'Buy', steps: 5, price: 20_000 }], (executions) => executions), exchangeBalance: d('12345.678') };
    const found = reconcile(reading);
    expect(found.unexplained).toBe(toDecimalString(dec(found.exchangeBalance).minus(dec(found.ledgerBalance))));
    expect(agrees(found)).toBe(false);
  });

  it('asks only for the span in which something is missing', () => {
    const all = Array.from({ length: 9 }, (_, index): Event => ({ symbol: 'BTCUSDT', kind: 'fill', side: 'Buy', steps: 1 + index, price: 20_000 }));
    const found = reconcile(readingOf(all, (executions) => executions.filter((_, index) => index !== 3 && index !== 5)));
    expect(provenSpan(found, { fromMs: 0, untilMs: 1 })).toEqual({ fromMs: MONDAY_MS + 3, untilMs: MONDAY_MS + 5 });
    expect(provenSpan(reconcile(readingOf(all, (executions) => executions)), { fromMs: 0, untilMs: 1 })).toBeUndefined();
  });
});

describe('what could explain a difference that somebody has seen', () => {
  /** powers of five: no two selections of them add up to the same */
  const movements = fc.array(fc.boolean(), { minLength: 1, maxLength: 15 }).chain((signs) => fc.shuffledSubarray(signs.map((_, index) => index), { minLength: signs.length })
    .map((order) => order.map((power, index): BalanceMovement => ({ id: `m-${index}`, what: 'a trade', change: toDecimalString(dec(d('5')).pow(power).times(signs[power] === true ? 1 : -1).div(1e8)), atMs: MONDAY_MS + index }))));
  const sumOf = (some: readonly BalanceMovement[]): DecimalString => toDecimalString(some.reduce((total, { change }) => total.plus(dec(change)), ZERO));

  it('adds up to it to the last decimal, in every answer', () => {
    fc.assert(fc.property(movements, fc.nat(), fc.nat(), (all, a, b) => {
      const [from, to] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
      const difference = sumOf(all.slice(from, to + 1));
      for (const { kind, movements: named } of candidatesFor(difference, all)) {
        const first = all.findIndex(({ id }) => id === named[0]?.id);
        const last = all.findIndex(({ id }) => id === named.at(-1)?.id);
        const sum = kind === 'row' ? sumOf(all.slice(first, last + 1)) : sumOf(named);
        expect(kind === 'twice' ? toDecimalString(dec(sum).negated()) : sum).toBe(difference);
      }
    }));
  });

  it('finds the one, the two or the row that were taken away', () => {
    fc.assert(fc.property(movements, fc.nat(), fc.nat(), (all, a, b) => {
      const [from, to] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
      const idsFound = (difference: DecimalString) => candidatesFor(difference, all).map(({ movements: named }) => named.map(({ id }) => id).join());
      expect(idsFound(all[from]?.change ?? d('0'))).toContain(`m-${from}`);
      if (from === to) return;
      const ends = `m-${from},m-${to}`;
      const row = sumOf(all.slice(from, to + 1));
      const two = sumOf([all[from], all[to]].filter((movement) => movement !== undefined));
      if (!dec(row).isZero()) expect(idsFound(row)).toContain(ends);
      if (!dec(two).isZero()) expect(idsFound(two)).toContain(ends);
    }));
  });

  it('knows one that is counted twice, and finds nothing where nothing adds up', () => {
    const one: BalanceMovement = { id: 'm', what: 'a trade', change: d('12.5'), atMs: MONDAY_MS };
    expect(candidatesFor(d('-12.5'), [one])).toEqual([{ kind: 'twice', movements: [one], count: 1 }]);
    expect(candidatesFor(d('50.25'), [one])).toEqual([]);
    expect(candidatesFor(d('0'), [one])).toEqual([]);
  });
});

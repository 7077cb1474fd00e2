import { describe, expect, it } from 'vitest';
import { candidateWords, shortened, summaryWords } from '../../../../core/reconciliation/reconciliation-words.js';
import type { Reconciliation } from '../../../../core/reconciliation/reconcile.js';
import { MONDAY_MS, d, executionOf } from '../samples.js';

const AGREED: Reconciliation = {
  exchangeBalance: d('100'), ledgerBalance: d('100'), difference: d('0'), corrections: [], further: { count: 0, walletEffect: d('0') }, movements: [], unexplained: d('0'),
  sizes: [], orders: [], fundingRowsMissing: 0, namelessMs: [], trades: [],
};

describe('the words of a reconciliation', () => {
  it('say that all is well', () => {
    expect(summaryWords(AGREED)).toBe('exchange and ledger agree: 100 USDT');
  });

  it('name each difference with its amount', () => {
    const altered = { kind: 'altered' as const, execution: executionOf(), fields: [{ name: 'fee', ledger: '1', exchange: '0' }], walletEffect: d('1'), sizeEffects: [] };
    const words = summaryWords({
      ...AGREED, ledgerBalance: d('90'), difference: d('10'), corrections: [altered], movements: [{ id: 't', type: 'TRANSFER_IN', change: d('8'), atMs: MONDAY_MS }], unexplained: d('1'),
      orders: [{ kind: 'over', orderId: 'o', orderLinkId: '', symbol: 'BTCUSDT' }], fundingRowsMissing: 2,
    });
    for (const part of ['difference 10 USDT', 'differs in fee (ledger 1, exchange 0): 1 USDT', 'TRANSFER_IN t of 8 USDT', '1 USDT are explained by no event', 'order o (BTCUSDT) is open in the ledger', '2 funding payments lack their row']) expect(words).toContain(part);
  });

  it('tell a candidate by what it would mean', () => {
    const movement = { id: 'm', what: 'TRADE BTCUSDT', change: d('5'), atMs: MONDAY_MS };
    expect(candidateWords({ kind: 'twice', movements: [movement], count: 1 })).toMatch(/^counted twice in the database: TRADE BTCUSDT m of 5 USDT at /);
    expect(candidateWords({ kind: 'row', movements: [movement, movement], count: 4 })).toContain('all 4 movements from');
  });

  it('are kept short', () => {
    expect(shortened(Array.from({ length: 25 }, () => 'x')).at(-1)).toBe('and 5 more');
  });
});

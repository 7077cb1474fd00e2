import { describe, expect, it } from 'vitest';
import { compareBooks, type Verdict } from '../../../checker/compare-books.js';
import type { ExchangeBook } from '../../../checker/exchange-book.js';
import type { LedgerBook, LedgerExecution } from '../../../checker/ledger-book.js';
import { toDecimalString } from '../../../core/money/decimal.js';

const d = (value: number | string) => toDecimalString(String(value));
const T0 = Date.UTC(2026, 0, 5);

const buy: LedgerExecution = { execId: 'e1', execType: 'Trade', tradeId: 't1', orderId: 'o1', orderLinkId: 't1-e0', symbol: 'BTCUSDT', side: 'Buy', price: d(100), qty: d(2), fee: d('0.11'), feeRate: d('0.00055'), markPrice: d(100), execMs: T0, seq: 1 };
const funding: LedgerExecution = { ...buy, execId: 'f1', execType: 'Funding', orderId: 'f1', orderLinkId: '', fee: d('0.02'), feeRate: d('0.0001'), execMs: T0 + 1, seq: 2 };
const sell: LedgerExecution = { ...buy, execId: 'e2', orderId: 'o2', orderLinkId: '', side: 'Sell', price: d(110), fee: d('0.121'), execMs: T0 + 2, seq: 3 };

/** Bought 2 at 100, paid 0.02 of funding, sold at 110: 20 gross, 0.231 of fees. */
function agreeingBooks(): { book: ExchangeBook; ledger: LedgerBook } {
  const executions = structuredClone([buy, funding, sell]);
  return {
    book: {
      marketMs: T0 + 10, startingBalance: d(1000), wallet: { walletBalance: d('1019.749') }, duplicateLinkIdRefusals: 0, unprotectedSpans: [],
      orders: [
        { orderId: 'o1', orderLinkId: 't1-e0', symbol: 'BTCUSDT', status: 'Filled', stopOrderType: '', cumExecQty: d(2), createdMs: T0 },
        { orderId: 'o2', orderLinkId: '', symbol: 'BTCUSDT', status: 'Filled', stopOrderType: 'StopLoss', cumExecQty: d(2), createdMs: T0 },
      ],
      executions: executions.map(({ tradeId: _, ...execution }) => execution),
      positions: [{ symbol: 'BTCUSDT', side: 'None', size: d(0), stopLoss: d(0) }],
      transactions: [
        { type: 'TRANSFER_IN', cashFlow: d(1000), funding: d(0), fee: d(0), change: d(1000) },
        { type: 'TRADE', cashFlow: d(0), funding: d(0), fee: d('0.11'), change: d('-0.11') },
        { type: 'SETTLEMENT', cashFlow: d(0), funding: d('-0.02'), fee: d(0), change: d('-0.02') },
        { type: 'TRADE', cashFlow: d(20), funding: d(0), fee: d('0.121'), change: d('19.879') },
      ],
    },
    ledger: {
      openingBalance: d(1000), executions, fundingPayments: [{ execId: 'f1', amount: d('0.02') }], intents: [{ orderLinkId: 't1-e0', tradeId: 't1', kind: 'entry' }],
      trades: [{ tradeId: 't1', strategy: 's', symbol: 'BTCUSDT', side: 'Buy', state: 'closed', qty: d(2), fees: d('0.231'), funding: d('0.02'), grossPnl: d(20), realisedPnl: d('19.749') }],
    },
  };
}

function judge(spoil: (books: ReturnType<typeof agreeingBooks>) => void): Verdict {
  const books = agreeingBooks();
  spoil(books);
  return compareBooks(books.book, books.ledger, { unprotectedMsMax: 2_000 });
}

const first = <T>(items: readonly T[]): T => items[0] as T;

describe('the judge of the books', () => {
  it('finds nothing where both say the same', () => {
    expect(judge(() => undefined).findings).toEqual([]);
  });

  const violations: [string, (books: ReturnType<typeof agreeingBooks>) => void, RegExp][] = [
    ['two orders under one link id', ({ book }) => book.orders.push({ ...first(book.orders), orderId: 'o3' }), /two orders carry the link id t1-e0/],
    ['an order that nobody intended', ({ ledger }) => { ledger.intents = []; }, /t1-e0 is on the exchange without an intent/],
    ['an execution that was lost', ({ ledger }) => { ledger.executions = ledger.executions.filter(({ execId }) => execId !== 'e2'); }, /execution e2 .* is missing/],
    ['an execution that was made up', ({ ledger }) => ledger.executions.push({ ...sell, execId: 'e9', execType: 'Funding', fee: d(0) }), /the ledger has execution e9/],
    ['a price that differs in the last decimal', ({ ledger }) => { first(ledger.executions).price = d('100.00000001'); }, /price is 100.00000001 in the ledger, 100 on the exchange/],
    ['a balance that differs in the last decimal', ({ book }) => { book.wallet.walletBalance = d('1019.74900001'); }, /wallet balance: 1019.749 in the ledger, 1019.74900001/],
    ['a funding payment that is missing from its table', ({ ledger }) => { ledger.fundingPayments = []; }, /funding table/],
    ['a trade whose result is not that of its executions', ({ ledger }) => { first(ledger.trades).realisedPnl = d('19.75'); }, /trade t1 realised profit/],
    ['a trade that is closed with a position left', ({ ledger }) => { ledger.executions = ledger.executions.map((execution) => (execution.execId === 'e2' ? { ...execution, tradeId: null } : execution)); }, /closed but its executions leave 2/],
    ['a failed trade with fills', ({ ledger }) => { first(ledger.trades).state = 'failed'; }, /failed but has 2 fills/],
    ['a position that no trade holds', ({ book }) => { Object.assign(first(book.positions), { side: 'Buy', size: d(1), stopLoss: d(90) }); }, /holds 1 BTCUSDT, no trade of the ledger does/],
    ['a position without a stop', ({ book }) => { Object.assign(first(book.positions), { side: 'Buy', size: d(1) }); }, /has no stop/],
    ['an open trade without a position', ({ ledger }) => { first(ledger.trades).state = 'open'; }, /is open in the ledger, the exchange holds nothing/],
    ['a span without protection', ({ book }) => book.unprotectedSpans.push({ symbol: 'BTCUSDT', startMs: T0, endMs: T0 + 2_001, size: d(2), coveredQty: d(0) }), /for 2001 ms/],
    ['a span without protection that still goes on', ({ book }) => { book.marketMs = T0 + 5_000; book.unprotectedSpans.push({ symbol: 'BTCUSDT', startMs: T0, endMs: null, size: d(2), coveredQty: d(0) }); }, /for 5000 ms/],
  ];
  it.each(violations)('finds %s', (_what, spoil, finding) => {
    expect(judge(spoil).findings).toContainEqual(expect.stringMatching(finding));
  });

  it('tolerates a span that is as short as allowed', () => {
    expect(judge(({ book }) => book.unprotectedSpans.push({ symbol: 'BTCUSDT', startMs: T0, endMs: T0 + 2_000, size: d(2), coveredQty: d(0) })).findings).toEqual([]);
  });
});

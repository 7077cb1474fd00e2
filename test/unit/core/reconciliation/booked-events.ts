/** Accounts that anything may have happened to, as an exchange books it and as a ledger that was harmed has it. */
import fc from 'fast-check';
import { ZERO, dec, toDecimalString, type DecimalString } from '../../../../core/money/decimal.js';
import type { Execution, Side } from '../../../../core/orders/order.js';
import { applyFill, EMPTY_POSITION } from '../../../../core/portfolio/position.js';
import type { TransactionLogEntry } from '../../../../core/ports/exchange.js';
import { nothingSettled } from '../../../../core/reconciliation/account-events.js';
import type { AccountReading } from '../../../../core/reconciliation/reconcile.js';
import { MONDAY_MS, d, executionOf } from '../samples.js';

const OPENING = d('10000');

export interface Event {
  symbol: string;
  kind: 'fill' | 'funding' | 'transfer';
  side: Side;
  steps: number;
  price: number;
}

const event: fc.Arbitrary<Event> = fc.record({
  symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT'), kind: fc.constantFrom<Event['kind']>('fill', 'fill', 'fill', 'funding', 'transfer'), side: fc.constantFrom<Side>('Buy', 'Sell'),
  steps: fc.integer({ min: 1, max: 999 }), price: fc.integer({ min: 10_000, max: 99_999 }),
});
export const events = fc.array(event, { minLength: 1, maxLength: 25 });

/** What the exchange books of it, by its own accounting: one log entry a change, each with the balance after it. */
function bookedAtExchange(all: readonly Event[]): { executions: Execution[]; transactions: TransactionLogEntry[]; balance: DecimalString } {
  let balance = dec(OPENING);
  const books = new Map([['BTCUSDT', EMPTY_POSITION], ['ETHUSDT', EMPTY_POSITION]]);
  const executions: Execution[] = [];
  const transactions = all.map(({ symbol, kind, side, steps, price }, index): TransactionLogEntry => {
    const execId = `e-${index}`;
    const amount = toDecimalString(dec(d(String(steps))).div(1_000));
    let change = dec(amount).times(side === 'Buy' ? 1 : -1);
    if (kind !== 'transfer') {
      const priced = { price: toDecimalString(dec(d(String(price))).div(10)), qty: amount, feeRate: d('0.00055') };
      const { book, effect } = applyFill(books.get(symbol) ?? EMPTY_POSITION, { side, ...priced });
      const fee = kind === 'funding' ? toDecimalString(change) : effect.fee;
      if (kind === 'fill') books.set(symbol, book);
      change = (kind === 'fill' ? dec(effect.realisedPnl) : ZERO).minus(dec(fee));
      executions.push(executionOf({ execId, execType: kind === 'funding' ? 'Funding' : 'Trade', symbol, side, ...priced, fee, execMs: MONDAY_MS + index, seq: index }));
    }
    balance = balance.plus(change);
    const none = d('0');
    return { id: `t-${index}`, symbol, type: kind, change: toDecimalString(change), cashFlow: none, funding: none, fee: none, cashBalance: toDecimalString(balance), tradeId: kind === 'transfer' ? '' : execId, orderLinkId: '', atMs: MONDAY_MS + index };
  });
  return { executions, transactions, balance: toDecimalString(balance) };
}

export function readingOf(all: readonly Event[], ledger: (executions: Execution[]) => Execution[]): AccountReading {
  const { executions, transactions, balance } = bookedAtExchange(all);
  return { openingBalance: OPENING, exchangeBalance: balance, exchange: executions, transactions, ledger: ledger(executions), settled: nothingSettled(), fundingRowsMissing: [], namelessMs: [], openOrders: [], believedOpen: [], trades: [] };
}

export const harm = fc.constantFrom('keep', 'keep', 'lose', 'alter price', 'alter fee', 'alter symbol', 'invent');

export function harmed(executions: readonly Execution[], harms: readonly string[]): Execution[] {
  return executions.flatMap((execution, index): Execution[] => {
    switch (harms[index % harms.length]) {
      case 'lose': return [];
      case 'alter price': return [{ ...execution, price: toDecimalString(dec(execution.price).plus('0.1')) }];
      case 'alter fee': return [{ ...execution, fee: toDecimalString(dec(execution.fee).minus('0.00000001')) }];
      case 'alter symbol': return [{ ...execution, symbol: execution.symbol === 'BTCUSDT' ? 'ETHUSDT' : 'BTCUSDT' }];
      case 'invent': return [execution, { ...execution, execId: `invented-${index}`, execMs: execution.execMs + 1 }];
      default: return [execution];
    }
  });
}

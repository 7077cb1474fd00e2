/** The transaction log: one row per change of the wallet, each with the balance after it. */
import { dec, toDecimalString } from '../money/decimal.js';
import type { TransactionRow } from './contract.js';
import type { Turn } from './turn.js';

/** Call after the wallet was changed. change = cashFlow + funding − fee (Bybit V5, account/transaction-log). */
export function bookTransaction(turn: Turn, entry: Omit<TransactionRow, 'atMs' | 'change' | 'cashBalance'>): void {
  turn.state.transactions.push({
    ...entry,
    atMs: turn.atMs,
    change: toDecimalString(dec(entry.cashFlow).plus(entry.funding).minus(entry.fee)),
    cashBalance: turn.state.walletBalance,
  });
}

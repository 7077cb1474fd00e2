/**
 * The two books of one account, read window by window in time. While they agree only what they came to is kept; from the first
 * window that differs on every execution is, since the effect of a difference depends on all that follows it. So the memory that
 * a comparison needs grows with what differs, not with the age of the account.
 *
 * Invariant: reconciling what is kept gives the same answer as reconciling everything.
 */
import type { DecimalString } from '../money/decimal.js';
import type { Execution } from '../orders/order.js';
import type { TransactionLogEntry } from '../ports/exchange.js';
import { agreeOn, nothingSettled, settledWith, type SettledBooks } from './account-events.js';

/** All of it between two instants of the exchange; windows follow each other without a gap. */
export interface BookWindow {
  ledger: readonly Execution[];
  exchange: readonly Execution[];
  transactions: readonly TransactionLogEntry[];
}

export class TwoBooks {
  settled: SettledBooks = nothingSettled();
  readonly ledger: Execution[] = [];
  readonly exchange: Execution[] = [];
  /** of the exchange's log, those that belong to no execution */
  transactions: TransactionLogEntry[] = [];
  /** USDT after the newest entry of the log; null: it has none */
  cashBalance: DecimalString | null = null;
  private justListed: readonly string[] = [];

  /** Executions that the exchange remembers no more: the ledger's word stands for both. They come before any window. */
  trust(executions: readonly Execution[]): void {
    this.settled = settledWith(this.settled, executions);
  }

  read({ ledger, exchange, transactions }: BookWindow): void {
    this.readLog(transactions, exchange.map(({ execId }) => execId));
    if (this.kept === 0 && agreeOn({ ledger, exchange })) {
      this.trust(ledger);
      return;
    }
    for (const execution of ledger) this.ledger.push(execution);
    for (const execution of exchange) this.exchange.push(execution);
  }

  /** executions in memory, of both books */
  get kept(): number {
    return this.ledger.length + this.exchange.length;
  }

  /** exchange ms of the first one that is kept; undefined: both books agree so far */
  get keptSinceMs(): number | undefined {
    return this.kept === 0 ? undefined : [...this.ledger, ...this.exchange].reduce((first, { execMs }) => Math.min(first, execMs), Infinity);
  }

  /** An entry may stand on the other side of the edge of a window than its execution. */
  private readLog(entries: readonly TransactionLogEntry[], listed: readonly string[]): void {
    const traded = new Set([...this.justListed, ...listed]);
    this.cashBalance = entries.at(-1)?.cashBalance ?? this.cashBalance;
    this.transactions = [...this.transactions, ...entries].filter(({ tradeId }) => !traded.has(tradeId));
    this.justListed = listed;
  }
}

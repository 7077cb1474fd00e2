/**
 * A ledger for a process that serves also while the database is away: opened at the first use that succeeds, then kept.
 * The pool inside reconnects by itself from then on.
 */
import type { Ledger } from '../core/ports/ledger.js';

export interface ReopeningLedger {
  /** rejects with 10003 while the database does not answer */
  access(): Promise<Ledger>;
  close(): Promise<void>;
}

export function createReopeningLedger(open: () => Promise<Ledger>): ReopeningLedger {
  let opening: Promise<Ledger> | undefined;
  return {
    access: () => {
      if (opening === undefined) {
        const attempt = open();
        opening = attempt;
        // a failed attempt is reported to everybody who waited for it, and makes room for the next
        attempt.catch(() => { opening = undefined; });
      }
      return opening;
    },
    close: async () => {
      const attempt = opening;
      if (attempt === undefined) return;
      const ledger = await attempt.catch(() => undefined);
      await ledger?.close();
    },
  };
}

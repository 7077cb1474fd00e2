/**
 * The parts of a position that are to be closed: one after the other, each once.
 *
 * Invariants
 * 1. A request id closes its quantity once, however often it is signalled.
 * 2. What is to stay open is settled when a part's turn comes and does not change: an order that filled only in part, or whose
 *    fate is unknown, is followed by one for the rest and never by one for the whole part again.
 * 3. The next part waits until the executions show what the last one left.
 */
import type { CloseOutcome } from '../activities/trade/close-position.js';
import { dec, Decimal, toDecimalString, type DecimalString } from '../core/money/decimal.js';
import type { ExitReason } from '../core/ports/ledger.js';

interface Part {
  requestId: string;
  reason: ExitReason;
  /** base coin */
  qty: DecimalString;
  /** base coin: what is to stay open; known once its turn has come */
  keep: DecimalString | undefined;
}

/** Plain JSON that crosses continue-as-new. */
export interface CarriedReductions {
  parts: Part[];
  known: string[];
}

/** How often the executions are asked for before somebody else's trading is taken for the cause that they say otherwise. */
const ASKS_MAX = 40;
const KNOWN_MAX = 100;

export class Reductions {
  private parts: Part[];
  private known: string[];
  /** what the exchange held after a part was closed, until its executions say the same */
  private awaited: { qty: DecimalString; asks: number } | undefined;

  constructor(carried: CarriedReductions = { parts: [], known: [] }) {
    this.parts = carried.parts;
    this.known = carried.known;
  }

  get waiting(): number {
    return this.parts.length;
  }

  /** Something is to be done soon. */
  get isBusy(): boolean {
    return this.parts.length > 0 || this.awaited !== undefined;
  }

  take({ requestId, reason, qty }: Pick<Part, 'requestId' | 'reason' | 'qty'>): void {
    if (this.known.includes(requestId)) return;
    this.known = [...this.known, requestId].slice(-KNOWN_MAX);
    this.parts = [...this.parts, { requestId, reason, qty, keep: undefined }];
  }

  next(open: DecimalString): { reason: ExitReason; keep: DecimalString } | undefined {
    const [part, ...later] = this.parts;
    if (!part || this.awaited) return undefined;
    const keep = part.keep ?? toDecimalString(Decimal.max(0, dec(open).minus(dec(part.qty))));
    this.parts = [{ ...part, keep }, ...later];
    return { reason: part.reason, keep };
  }

  answered(outcome: CloseOutcome): void {
    if (outcome.kind === 'remains') return;
    if (outcome.kind === 'reduced') this.awaited = { qty: outcome.size, asks: ASKS_MAX };
    this.parts = this.parts.slice(1);
  }

  /** What the executions say is open. */
  seen(open: DecimalString): void {
    if (!this.awaited) return;
    this.awaited.asks -= 1;
    if (open === this.awaited.qty || this.awaited.asks <= 0) this.awaited = undefined;
  }

  carried(): CarriedReductions {
    return { parts: this.parts, known: this.known };
  }
}

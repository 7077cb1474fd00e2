/**
 * The emergency latch: once set, no order that could increase risk is sent until an operator releases it. It lies outside
 * Temporal and in more than one place, so that it can be set and is obeyed while any one of its places is away.
 */

export interface Latch {
  haltId: string;
  /** host ms at which it was asked for */
  atMs: number;
  reason: string;
  /** who asked, for the audit trail */
  actor: string;
}

export interface EmergencyLatch {
  /** null: not set. Rejects when that cannot be known */
  read(): Promise<Latch | null>;
  /** done when it holds; a latch that is set already stays as it is */
  set(latch: Latch): Promise<void>;
  /** done also when it is not set; rejects with 10009 when another halt holds it */
  clear(haltId: string): Promise<void>;
}

/** One of the places where the latch lies. */
export interface LatchPlace extends EmergencyLatch {
  /** sets it whatever it says now, without a moment in between in which it is not set */
  replace(latch: Latch): Promise<void>;
}

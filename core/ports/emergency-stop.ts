/**
 * The emergency stop that needs no Temporal and no database: this process acts on the exchange itself. Types only; `workers/`
 * wires it.
 *
 * Contract
 * 1. `act` returns at once and never rejects; what it does goes on until the exchange has shown that it is done. A second call
 *    joins the first and may ask for more.
 * 2. What it does is the same as what the workflow does, under the same ids: both at once do nothing twice.
 */
import type { EmergencyOrder } from '../emergency/emergency-order.js';

/** refused: this process cannot reach the exchange, `lines` says why · acting: at it, until it is done · done: the exchange has shown it */
export type DirectState = 'refused' | 'acting' | 'done';

export interface DirectStanding {
  haltId: string;
  state: DirectState;
  /** host ms */
  sinceMs: number;
  /** what was done and what failed, newest last */
  lines: string[];
  /** what a person has to do, one thing a line */
  remaining: string[];
  /** figures such as seconds until the exchange showed no position */
  figures: Record<string, number>;
  /** path below the data directory; null: it could not be written */
  journal: string | null;
}

export interface EmergencyStop {
  act(order: EmergencyOrder): DirectStanding;
  /** acts unless the workflow gives a sign of life soon */
  actUnless(order: EmergencyOrder, isUnderWay: () => Promise<boolean>): void;
  /** null: this process has not acted */
  standing(): DirectStanding | null;
}

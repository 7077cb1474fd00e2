/** The emergency: no order may increase risk any more; orders are cancelled, positions closed when asked, and the exchange is asked whether that is true. */
import type { StoppableService } from '../emergency/emergency-order.js';
import type { RunbookDefinition } from './definition.js';

export interface EmergencyShutdownParams {
  /** false: positions stay open under their stops on the exchange */
  close_positions: boolean;
  stop_services: StoppableService[];
  /** of the latch, when it is set already; null: the run names it */
  halt_id: string | null;
  /** host ms at which it was asked for; null: when the run began */
  asked_at_ms: number | null;
  /** what was done before without Temporal; null: nothing */
  direct: DirectPart | null;
}

/** What the path without Temporal leaves to the run that takes over its record. */
export interface DirectPart {
  /** path below the data directory; null: it could not be written */
  journal: string | null;
  /** notifications that have been delivered: `activated sms` */
  notified: string[];
  /** of the closings it made; null: it closed nothing */
  closings: ClosedSpan | null;
}

/** Where the orders that close positions are to be looked for. */
export interface ClosedSpan {
  symbols: string[];
  /** exchange ms: not later than the first of them */
  fromMs: number;
}

/** Both together: everything that either of them closes. */
export function withClosing(known: ClosedSpan | null, more: ClosedSpan | null): ClosedSpan | null {
  if (known === null || more === null) return known ?? more;
  return { symbols: [...new Set([...known.symbols, ...more.symbols])], fromMs: Math.min(known.fromMs, more.fromMs) };
}

/** The steps of the guide's "Emergency Shutdown Procedure", and what has to lie between them. */
export const EMERGENCY_STEPS = {
  halt: 'immediate trading halt',
  cancel: 'cancel all orders',
  close: 'close all positions',
  verify: 'verify on the exchange',
  save: 'save current state',
  stop: 'stop all services',
  keys: 'disable API keys (manual step)',
  notify: 'send emergency notification',
  record: 'record',
} as const;

export const EMERGENCY_SHUTDOWN: RunbookDefinition<EmergencyShutdownParams> = {
  title: 'Emergency: latch, cancel all orders, close all positions when asked, verify on the exchange, save, notify',
  // a stop needs one action and no confirmation
  destructive: false,
  steps: Object.values(EMERGENCY_STEPS),
  keyOf: () => 'account',
};

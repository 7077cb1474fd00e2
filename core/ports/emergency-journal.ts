/** What an emergency did without Temporal, and what is still to be handed over. Types only; `adapters/host` implements it as files. Nothing here rejects: a full disk must not hold up an emergency. */
import type { EmergencyOrder } from '../emergency/emergency-order.js';
import type { ClosedSpan } from '../runbooks/emergency-shutdown.js';

export interface PendingEmergency {
  order: EmergencyOrder;
  /** notifications that have been delivered: `activated sms` */
  notified: string[];
  closings: ClosedSpan | null;
}

export interface JournalLine {
  /** host, ISO 8601 */
  at: string;
  what: string;
}

export interface EmergencyJournal {
  /** path below the data directory */
  fileOf(haltId: string): string;
  note(haltId: string, line: JournalLine): Promise<void>;
  /** false: it could not be written */
  keep(pending: PendingEmergency): Promise<boolean>;
  pending(): Promise<PendingEmergency[]>;
  isPending(haltId: string): Promise<boolean>;
  takenOver(haltId: string): Promise<void>;
}

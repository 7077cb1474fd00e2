/**
 * Where the errors of all processes come together. Types only; `adapters/postgres` implements it.
 *
 * Contract
 * 1. A process counts for itself, from its start to its end: one "life". What it writes is absolute, so writing it twice,
 *    late or out of order changes nothing.
 * 2. Occurrences are kept for the newest ones only; the counts are of all time.
 */
import type { ErrorCode, Severity } from '../errors/catalogue.js';

export interface ErrorOccurrence {
  /** natural id: life and number within it */
  occurrenceId: string;
  /** host ms of the process that saw it */
  atMs: number;
  code: ErrorCode;
  severity: Severity;
  service: string;
  instance: string;
  message: string;
  /** safe to show: redacted, small */
  context: Record<string, unknown>;
}

export interface ErrorCount {
  code: ErrorCode;
  occurrences: number;
  /** host ms of the newest one */
  lastAtMs: number;
}

export interface ErrorBatch {
  life: string;
  service: string;
  instance: string;
  /** since the life began */
  counts: readonly ErrorCount[];
  occurrences: readonly ErrorOccurrence[];
}

export interface ErrorQuery {
  /** absent: all */
  codes?: readonly ErrorCode[];
  /** host ms; absent: no matter how old */
  sinceMs?: number;
  limit: number;
  offset: number;
}

export interface ErrorLedger {
  saveErrors(batch: ErrorBatch): Promise<void>;
  /** sums over all lives but the named one, which knows its own better */
  errorCounts(exceptLife: string): Promise<ErrorCount[]>;
  /** newest first */
  errorOccurrences(query: ErrorQuery): Promise<ErrorOccurrence[]>;
}

/** What one process knows of its own errors, whatever else is away. */
export interface ErrorTally {
  /** id of this process's life */
  life: string;
  counts(): ErrorCount[];
  /** newest first, a bounded number */
  newest(): ErrorOccurrence[];
}

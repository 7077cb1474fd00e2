/**
 * The one error class that crosses module boundaries. It carries a code of the catalogue, what to do next, and only
 * fields that are safe to show: a foreign error is rebuilt at its adapter and its own object never travels further.
 */
import { catalogueEntry, type ErrorCode, type Severity } from './catalogue.js';

/**
 * What is known about the effect of a failed request. `definite`: it did not happen. `unknown`: it may have happened,
 * ask for its id before anything else.
 */
export type Outcome = 'definite' | 'unknown';

export interface BotErrorOptions {
  /** overrides the catalogue's general advice with the next step for this very case */
  fix?: string;
  outcome?: Outcome;
  /** retCode, HTTP status or errno of the foreign side, as text; never to be confused with our code */
  foreignCode?: string;
  /** overrides the catalogue's default */
  retryable?: boolean;
  /** do not retry before this many ms */
  retryAfterMs?: number;
  cause?: unknown;
}

export class BotError extends Error {
  override readonly name = 'BotError';
  readonly severity: Severity;
  readonly fix: string;
  readonly outcome: Outcome;
  readonly retryable: boolean;
  readonly foreignCode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(readonly code: ErrorCode, message: string, options: BotErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const entry = catalogueEntry(code);
    this.severity = entry.severity;
    this.fix = options.fix ?? entry.action;
    this.outcome = options.outcome ?? 'definite';
    this.retryable = options.retryable ?? entry.retryable;
    this.foreignCode = options.foreignCode;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isBotError(error: unknown): error is BotError {
  return error instanceof BotError;
}

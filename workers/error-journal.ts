/**
 * Counts the errors of one process as its log tells them, and takes them to the ledger.
 *
 * Invariants
 * 1. Every line with a catalogue code, of level info or above, counts once, whatever becomes of the ledger.
 * 2. Logging is never held up and never fails for the journal's sake; its own failures are told to the plain logger, which
 *    does not count.
 * 3. What is written has passed the redaction.
 */
import { contextOf, errorCodeOf, findableMessage, tellingMessage } from '../core/errors/occurrence.js';
import { catalogueEntry, type ErrorCode } from '../core/errors/catalogue.js';
import type { ErrorCount, ErrorOccurrence, ErrorTally } from '../core/ports/error-ledger.js';
import type { LogFields, Logger } from '../core/ports/logger.js';
import { ErrorJournalWriter, type OpenErrorStore } from './error-journal-writer.js';

export interface ErrorJournalOptions {
  /** writes the lines; nothing that it is told counts */
  logger: Logger;
  service: string;
  instance: string;
  /** begins of lives must differ between lives of one service and instance; host ms */
  startedAtMs: number;
  redact(text: string): string;
  /** a way to the ledger that is the journal's own; may reject while the database is away */
  open: OpenErrorStore;
  /** host clock, ms */
  now(): number;
}

export interface ErrorJournal {
  /** the logger for everything else in the process */
  logger: Logger;
  tally: ErrorTally;
  /** writes what is left, within a bounded time, and gives its way to the ledger back */
  close(): Promise<void>;
}

/** For an API without a ledger. */
const NEWEST_KEPT = 200;
const SEQUENCE_DIGITS = 9;

export function createErrorJournal(options: ErrorJournalOptions): ErrorJournal {
  const { service, instance, startedAtMs, logger } = options;
  const life = `${service}-${instance}-${startedAtMs}-${process.pid}`;
  const writer = new ErrorJournalWriter({ identity: { life, service, instance }, open: options.open, logger });
  const counting = new Counting(life, options);
  const count = (code: ErrorCode, message: string, fields: LogFields): void => {
    const occurrence = counting.count(code, message, fields);
    writer.add(counting.countOf(code), occurrence);
  };
  return {
    logger: countingLogger(logger, { count, bound: {} }),
    tally: { life, counts: () => counting.counts(), newest: () => counting.newest() },
    close: () => writer.close(),
  };
}

class Counting {
  private readonly byCode = new Map<ErrorCode, ErrorCount>();
  private readonly newestOnes: ErrorOccurrence[] = [];
  private sequence = 0;

  constructor(private readonly life: string, private readonly options: Pick<ErrorJournalOptions, 'service' | 'instance' | 'redact' | 'now'>) {}

  count(code: ErrorCode, message: string, fields: LogFields): ErrorOccurrence {
    const { service, instance, redact, now } = this.options;
    const atMs = now();
    this.sequence += 1;
    this.byCode.set(code, { code, occurrences: (this.byCode.get(code)?.occurrences ?? 0) + 1, lastAtMs: atMs });
    const occurrence: ErrorOccurrence = {
      occurrenceId: `${this.life}-${String(this.sequence).padStart(SEQUENCE_DIGITS, '0')}`,
      atMs, code, severity: catalogueEntry(code).severity, service, instance,
      message: redact(tellingMessage(message, fields)),
      context: redacted(contextOf(fields), redact),
    };
    this.newestOnes.push(occurrence);
    if (this.newestOnes.length > NEWEST_KEPT) this.newestOnes.shift();
    return occurrence;
  }

  countOf(code: ErrorCode): ErrorCount {
    return this.byCode.get(code) ?? { code, occurrences: 0, lastAtMs: 0 };
  }

  counts(): ErrorCount[] {
    return [...this.byCode.values()];
  }

  newest(): ErrorOccurrence[] {
    return [...this.newestOnes].reverse();
  }
}

function redacted(context: Record<string, string | number | boolean>, redact: (text: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [redact(name), typeof value === 'string' ? redact(value) : value]));
}

interface CountingNeeds {
  count(code: ErrorCode, message: string, fields: LogFields): void;
  /** fields of the loggers above */
  bound: LogFields;
}

function countingLogger(plain: Logger, { count, bound }: CountingNeeds): Logger {
  const at = (level: 'info' | 'warning' | 'error' | 'critical') => (message: string, fields: LogFields = {}): void => {
    const code = errorCodeOf(fields);
    if (code === undefined) return plain[level](message, fields);
    plain[level](findableMessage(message, code), { ...fields, code });
    count(code, message, { ...bound, ...fields });
  };
  return {
    debug: (message, fields) => plain.debug(message, fields),
    info: at('info'),
    warning: at('warning'),
    error: at('error'),
    critical: at('critical'),
    child: (fields) => countingLogger(plain.child(fields), { count, bound: { ...bound, ...fields } }),
  };
}

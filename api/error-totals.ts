/**
 * The errors of all processes, as far as they are known here: this process's own, always, and those that the others
 * have written to the ledger.
 *
 * Invariants
 * 1. Totals never fall while this process lives: what the ledger said last stays known while it is away.
 * 2. Every code of the catalogue has a total.
 */
import { isBotError } from '../core/errors/bot-error.js';
import { ERROR_CODES, groupOf, type ErrorCode } from '../core/errors/catalogue.js';
import type { ErrorCount } from '../core/ports/error-ledger.js';
import type { ApiDependencies } from './api-dependencies.js';
import { withinLimit } from './time-limit.js';

const LEDGER_TIMEOUT_MS = 2_000;

export interface ErrorTotal {
  code: ErrorCode;
  occurrences: number;
  /** host ms; 0: never */
  lastAtMs: number;
}

export interface ErrorTotals {
  totals: ErrorTotal[];
  /** why the ledger could not be asked now; the counts of the other processes are then of the time before, or missing */
  ledgerProblem: string | undefined;
}

export type ReadErrorTotals = () => Promise<ErrorTotals>;

export function createErrorTotals({ ledger, errors }: Pick<ApiDependencies, 'ledger' | 'errors'>): ReadErrorTotals {
  let others: ErrorCount[] = [];
  return async () => {
    let ledgerProblem: string | undefined;
    try {
      others = await withinLimit(ledger().then((open) => open.errorCounts(errors.life)), { what: 'the ledger', limitMs: LEDGER_TIMEOUT_MS });
    } catch (error) {
      ledgerProblem = isBotError(error) ? error.message : 'the ledger did not answer';
    }
    return { totals: sumOf([...others, ...errors.counts()]), ledgerProblem };
  };
}

/** Calls of the exchange's API that went wrong: what the guide's alert "API Error Rate High" watches. */
export function apiErrorsOf(totals: readonly ErrorTotal[]): number {
  return totals.filter(({ code }) => groupOf(code) === 'api').reduce((sum, { occurrences }) => sum + occurrences, 0);
}

function sumOf(counts: readonly ErrorCount[]): ErrorTotal[] {
  return ERROR_CODES.map((code) => {
    const own = counts.filter((count) => count.code === code);
    return {
      code,
      occurrences: own.reduce((sum, { occurrences }) => sum + occurrences, 0),
      lastAtMs: Math.max(0, ...own.map(({ lastAtMs }) => lastAtMs)),
    };
  });
}

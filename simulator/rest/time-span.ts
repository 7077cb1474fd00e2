/** startTime and endTime of Bybit's lists: at most 7 days apart; one alone implies the other. Market time. */
import { invalidParameter } from '../server/refusal.js';

export interface SpanRules {
  nowMs: number;
  /** length of the span when one bound or both are missing, ms */
  defaultMs: number;
  /** a query by id has no default bounds */
  unboundedById: boolean;
}

export interface Span {
  /** inclusive, ms */
  fromMs: number;
  toMs: number;
}

const SPAN_MAX_MS = 7 * 86_400_000;

/** Throws a Refusal 10001 for a span that is reversed, too long or no time. */
export function timeSpan(query: { startTime: string; endTime: string }, rules: SpanRules): Span {
  const start = instantOf(query.startTime, 'startTime');
  const end = instantOf(query.endTime, 'endTime');
  if (start === undefined && end === undefined) {
    return rules.unboundedById ? { fromMs: 0, toMs: Infinity } : { fromMs: rules.nowMs - rules.defaultMs, toMs: Infinity };
  }
  const fromMs = start ?? (end ?? 0) - rules.defaultMs;
  const toMs = end ?? fromMs + rules.defaultMs;
  if (fromMs > toMs) throw invalidParameter('params error: startTime is after endTime');
  if (toMs - fromMs > SPAN_MAX_MS) throw invalidParameter('The time range between startTime and endTime cannot exceed 7 days');
  return { fromMs, toMs };
}

function instantOf(text: string, name: string): number | undefined {
  if (text === '') return undefined;
  const instant = Number(text);
  if (!Number.isSafeInteger(instant) || instant < 0) throw invalidParameter(`params error: ${name} invalid`);
  return instant;
}

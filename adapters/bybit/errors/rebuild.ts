/**
 * Turns whatever the foreign client throws into a `BotError`.
 *
 * Invariants
 * 1. Nothing of the foreign object travels on: not as cause, not as field. On a non-2xx answer bybit-api throws a plain
 *    object whose `requestOptions` hold key and secret in clear; only code, status and words are read out of it.
 * 2. Every word passes the redactor.
 */
import { z } from 'zod';
import { BotError } from '../../../core/errors/bot-error.js';
import type { CallKind } from './call-kind.js';
import { classify, RATE_LIMITED, type Classification, type Failure } from './classify.js';
import { BROKEN_OFF, NEVER_CONNECTED, NO_ANSWER_IN_TIME, SIGNALS } from './error-table.js';
import type { Redact } from './redactor.js';

/** Where the failure happened; `what` is shown to people, for example `order/create`. */
export interface CallContext {
  what: string;
  kind: CallKind;
  transport: 'rest' | 'socket';
  redact: Redact;
}

const refusal = z.object({ retCode: z.number().int(), retMsg: z.string().catch('') });
const httpFailure = z.object({ code: z.number().int(), message: z.string().catch(''), body: z.unknown(), requestOptions: z.unknown() });
const systemFailure = z.object({ code: z.string(), message: z.string().catch('') });

/** The failure inside something thrown by bybit-api's REST client. */
export function failureOfRest(thrown: unknown, context: CallContext): Failure {
  const base = { kind: context.kind, transport: context.transport };
  const http = httpFailure.safeParse(thrown);
  if (http.success) {
    const answer = refusal.safeParse(http.data.body);
    if (answer.success) return { ...base, httpStatus: http.data.code, retCode: answer.data.retCode, message: answer.data.retMsg };
    return { ...base, httpStatus: http.data.code, message: wordsOf(http.data.body, http.data.message) };
  }
  const system = systemFailure.safeParse(thrown);
  if (system.success) return { ...base, errno: system.data.code, message: system.data.message };
  return { ...base, errno: '', message: thrown instanceof Error ? thrown.message : wordsOf(thrown, '') };
}

/** The failure inside a rejected request of the trade socket: an answer with a code, or a connection that went away. */
export function failureOfSocket(thrown: unknown, context: CallContext): Failure {
  const base = { kind: context.kind, transport: context.transport };
  const answer = refusal.safeParse(thrown);
  if (answer.success) return { ...base, retCode: answer.data.retCode, message: answer.data.retMsg };
  return { ...base, errno: SIGNALS.connectionLost, message: thrown instanceof Error ? thrown.message : wordsOf(thrown, '') };
}

/** The clean error of a failure. `foreignCode` is Bybit's retCode, else `HTTP <status>`, else the system's error name. */
export function errorOf(failure: Failure, context: CallContext, options: { retryAfterMs?: number } = {}): BotError {
  const verdict = classify(failure);
  const foreignCode = foreignCodeOf(failure);
  const words = context.redact(failure.message);
  const message = `${context.what}: ${headlineOf(failure, verdict)}${foreignCode === '' ? 'failed' : foreignCode}${words === '' ? '' : ` "${words}"`}`;
  return new BotError(verdict.code, message, {
    outcome: verdict.outcome,
    retryable: verdict.retryable,
    foreignCode,
    ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
  });
}

/** The words that the maintenance guide's log review looks for: "Connection", "Timeout", "Rate limit". */
function headlineOf({ errno = '' }: Failure, { code }: Classification): string {
  if (code === RATE_LIMITED) return 'Rate limit exceeded, ';
  if (NO_ANSWER_IN_TIME.includes(errno)) return 'Timeout, ';
  return NEVER_CONNECTED.includes(errno) || BROKEN_OFF.includes(errno) ? 'Connection failed, ' : '';
}

function foreignCodeOf(failure: Failure): string {
  if (failure.retCode !== undefined) return String(failure.retCode);
  if (failure.httpStatus !== undefined) return `HTTP ${failure.httpStatus}`;
  return failure.errno ?? '';
}

function wordsOf(body: unknown, otherwise: string): string {
  return typeof body === 'string' && body !== '' ? body : otherwise;
}

/**
 * Errors on the wire: RFC 9457 problem documents with the catalogue's code and the next step, and nothing of the inside.
 */
import { z } from 'zod';
import { BotError, isBotError, type BotErrorOptions } from '../core/errors/bot-error.js';
import { CATALOGUE, catalogueEntry, type ErrorCode } from '../core/errors/catalogue.js';

export const PROBLEM_TYPE = 'application/problem+json';

const codes = Object.keys(CATALOGUE).map(Number);

export const problemSchema = z.object({
  type: z.string().meta({ description: 'urn of the catalogue code' }),
  title: z.string().meta({ description: 'what the code means' }),
  status: z.int(),
  detail: z.string().meta({ description: 'what happened here' }),
  instance: z.string().meta({ description: 'id of this request, as in the X-Request-Id header and in the log' }),
  code: z.int().refine((code) => codes.includes(code)).meta({ description: 'code of the error catalogue' }),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  fix: z.string().meta({ description: 'what to do next' }),
  retryable: z.boolean().meta({ description: 'whether the same request may succeed later' }),
  errors: z.array(z.object({ field: z.string(), problem: z.string(), fix: z.string() })).optional().meta({ description: 'one entry per wrong field' }),
}).meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;
export type FieldProblem = NonNullable<Problem['errors']>[number];

/** A request that is refused for what it is, with the HTTP status that says so. */
export class RefusedRequest extends BotError {
  readonly fields: readonly FieldProblem[];
  constructor(readonly status: number, message: string, options: BotErrorOptions & { fields?: readonly FieldProblem[] } = {}) {
    super(30004, message, options);
    this.fields = options.fields ?? [];
  }
}

/** A command that the bot understood and refused as things stand now: an unknown strategy, no such position, another halt. */
export class RefusedOrder extends BotError {
  constructor(readonly status: 404 | 409, code: ErrorCode, options: { message: string; fix: string }) {
    super(code, options.message, { fix: options.fix, retryable: false });
  }
}

/** Codes that say "not now": the dependency named in the message is away. All others are a failure of our own. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([10003, 10006, 30003, 30005, 40001, 40004, 40008]);

/** An error that is no `BotError` is a defect: the caller learns its request id, the log has the rest. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = isBotError(error) ? error : new BotError(30003, 'the API failed on this request', { fix: `look for ${requestId} in the log of the API`, retryable: false });
  const fields = known instanceof RefusedRequest ? known.fields : [];
  return {
    type: `urn:trading-bot:error:${known.code}`,
    title: catalogueEntry(known.code).description,
    status: statusOf(known, isBotError(error)),
    detail: known.message,
    instance: requestId,
    code: known.code,
    severity: known.severity,
    fix: known.fix,
    retryable: known.retryable,
    ...(fields.length === 0 ? {} : { errors: [...fields] }),
  };
}

function statusOf(error: BotError, foreseen: boolean): number {
  if (error instanceof RefusedRequest || error instanceof RefusedOrder) return error.status;
  return foreseen && UNAVAILABLE.has(error.code) ? 503 : 500;
}

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
  /** reply headers that belong to the refusal */
  readonly headers: Readonly<Record<string, string>>;
  constructor(readonly status: number, message: string, options: RefusalOptions = {}) {
    super(options.code ?? 30004, message, options);
    this.fields = options.fields ?? [];
    this.headers = options.headers ?? {};
  }
}

interface RefusalOptions extends BotErrorOptions {
  code?: ErrorCode;
  fields?: readonly FieldProblem[];
  headers?: Readonly<Record<string, string>>;
}

/** What a foreseen error means to the caller: his request is wrong, it does not fit the state, or a part that is needed is away. All others are a failure of our own. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  10001: 400, 10002: 400, 10008: 400, 30004: 400,
  20002: 404,
  10009: 409, 10010: 409, 20001: 409, 20003: 409, 20004: 409, 20005: 409, 20008: 409, 20009: 409, 20010: 409,
  10003: 503, 10004: 503, 10006: 503, 10007: 503, 20007: 503, 30001: 503, 30003: 503, 30005: 503, 30006: 503,
  40001: 503, 40004: 503, 40005: 503, 40006: 503, 40008: 503, 40009: 503,
};

/** A command that the bot understood and refused as things stand now: an unknown strategy, no such position, another halt. */
export class RefusedOrder extends RefusedRequest {
  constructor(code: ErrorCode, { message, fix }: { message: string; fix: string }) {
    // to the bot an unknown strategy is 10008; to the caller it is a path or a name that leads nowhere
    const status = code === 10008 ? 404 : STATUS_BY_CODE[code] ?? 409;
    super(status, message, { code, fix, retryable: status === 503 });
  }
}

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
  if (error instanceof RefusedRequest) return error.status;
  return foreseen ? (STATUS_BY_CODE[error.code] ?? 500) : 500;
}

/**
 * A command as data: a POST route that changes something. Each gets the same treatment from one place: a `reason` in its
 * body, an Idempotency-Key, an audit row, and in its reply the id of the command.
 *
 * Invariants
 * 1. The command comes first: a ledger that is away refuses nothing, the reply only says that the audit row is missing.
 * 2. Repeating a request with its Idempotency-Key is the same command under the same request id and gets the same answer.
 * 3. One audit row per call that came as far as being run, failed and repeated ones included.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isBotError } from '../core/errors/bot-error.js';
import { createAnswerMemory, type CommandAnswer } from './answer-memory.js';
import type { ApiDependencies } from './api-dependencies.js';
import { defineRoute, NOTHING, type Caller, type Reply, type Route } from './route.js';
import type { Role } from './security/roles.js';
import { iso, provenance, type source } from './wire.js';

const REASON_LENGTH_MAX = 500;

/** It is logged and audited, line by line. */
const NO_CONTROL_CHARACTERS = /^[^\u0000-\u001f\u007f-\u009f]*$/;

const reasonField = {
  reason: z.string().max(REASON_LENGTH_MAX).regex(NO_CONTROL_CHARACTERS).optional().meta({ description: `text of at most ${REASON_LENGTH_MAX} characters`, example: 'maintenance until noon' }),
};

/** Stands in the reply of every command. */
export const commandProvenance = {
  ...provenance,
  request_id: z.string().meta({ description: 'id of the command; the same Idempotency-Key gives the same' }),
  audit: z.enum(['recorded', 'missing']).meta({ description: 'missing: the database was away, the log has the command' }),
};

type Provided = keyof typeof commandProvenance;

export interface CommandDefinition<B extends z.ZodObject, R extends z.ZodObject, P extends z.ZodObject> {
  path: string;
  summary: string;
  role: Exclude<Role, 'viewer'>;
  params?: P;
  /** without the reason, which every command has */
  body: B;
  /** begins with `...commandProvenance` */
  reply: R;
  statuses: Record<number, string>;
  /** name in the audit trail: `bot.pause` */
  what: string;
  source: z.output<typeof source>;
  /** `outcome` is the audit trail's word on how it ended; an answer of outcome `queued` is asked for again when the request is repeated */
  run(input: CommandInput<B, P>): Promise<Reply<Omit<z.output<R>, Provided>> & { outcome: string }>;
}

export interface CommandInput<B extends z.ZodObject, P extends z.ZodObject> {
  params: z.output<P>;
  body: z.output<B>;
  /** the same for a repeated request */
  requestId: string;
  actor: string;
  /** '' when none was given */
  reason: string;
}

export function defineCommand<B extends z.ZodObject, R extends z.ZodObject, P extends z.ZodObject = typeof NOTHING>(
  definition: CommandDefinition<B, R, P>,
  dependencies: ApiDependencies,
): Route {
  const { path, summary, role, params, reply, statuses, what } = definition;
  const answers = createAnswerMemory(dependencies);
  return defineRoute({
    method: 'post',
    path,
    summary,
    role,
    ...(params === undefined ? {} : { params }),
    query: NOTHING,
    body: definition.body.extend(reasonField),
    reply: reply,
    statuses,
    handle: async ({ params: named, body: sent, caller }) => {
      const { reason = '', ...body } = sent as z.output<B> & { reason?: string };
      const call = { what, reason, caller };
      const run = (requestId: string): Promise<CommandAnswer> => perform({ ...call, requestId }, dependencies, async () => {
        const result = await definition.run({ params: named, body: body as z.output<B>, requestId, actor: caller.actor, reason });
        return { ...result, source: definition.source };
      });
      const { answer, repeated } = await answers.once({ what, target: [path, named], content: sent, caller }, run);
      if (repeated) await audit({ ...call, requestId: String(answer.body['request_id']) }, `repeated: ${answer.outcome}`, dependencies);
      return { status: answer.status, body: answer.body as z.output<R> };
    },
  });
}

interface Call {
  what: string;
  reason: string;
  caller: Caller;
  requestId: string;
}

type Result = Reply<object> & { outcome: string; source: z.output<typeof source> };

async function perform(call: Call, dependencies: ApiDependencies, run: () => Promise<Result>): Promise<CommandAnswer> {
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    await audit(call, isBotError(error) ? `failed: ${error.code} ${error.message}` : 'failed', dependencies);
    throw error;
  }
  const { status, body, outcome } = result;
  const recorded = await audit(call, outcome, dependencies);
  const common = { as_of: iso(dependencies.clock()), source: result.source, request_id: call.requestId, audit: recorded ? 'recorded' : 'missing' };
  return { status, body: { ...common, ...body }, outcome };
}

/** Resolves to false when the row could not be written. */
async function audit({ what, reason, caller, requestId }: Call, outcome: string, { ledger, clock, logger }: ApiDependencies): Promise<boolean> {
  const fields = { who: caller.actor, fromAddress: caller.address, what, reason, outcome };
  logger.info(`Operator command ${what}: ${outcome}`, { ...fields, requestId });
  try {
    await (await ledger()).saveAudit({ ...fields, auditId: randomUUID(), atMs: clock(), detail: { requestId, httpRequestId: caller.requestId } });
    return true;
  } catch (error) {
    logger.error('Audit row of an operator command could not be written', { ...fields, requestId, error });
    return false;
  }
}

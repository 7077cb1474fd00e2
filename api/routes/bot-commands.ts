/**
 * `POST /api/v1/bot/pause|resume|stop`.
 *
 * Invariants
 * 1. The command comes first: a ledger that is away delays and refuses nothing, the reply only says that the audit row
 *    is missing.
 * 2. Repeating a request with its Idempotency-Key is the same command and gets the same answer. The verb is part of the
 *    id, so one key on two verbs is two commands.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { ApiDependencies } from '../api-dependencies.js';
import type { CommandOutcome, Verb } from '../bot-client.js';
import { defineRoute, NOTHING, type Caller, type Reply, type Route } from '../route.js';
import { iso, provenance } from '../wire.js';

const REASON_LENGTH_MAX = 500;
/** without tokens everybody who reaches the loopback address is the operator */
const ACTOR = 'operator';

const commandBodySchema = z.strictObject({
  reason: z.string().max(REASON_LENGTH_MAX).optional().meta({ description: `text of at most ${REASON_LENGTH_MAX} characters` }),
});

export const commandReplySchema = z.object({
  ...provenance,
  state: z.string().nullable().meta({ description: 'state of the bot after the command; null while it is queued' }),
  changed: z.boolean().nullable().meta({ description: 'false when the bot was in that state already' }),
  request_id: z.string().meta({ description: 'id of the command; the same Idempotency-Key gives the same' }),
  audit: z.enum(['recorded', 'missing']).meta({ description: 'missing: the database was away, the log has the command' }),
  detail: z.string(),
}).meta({ id: 'CommandReply' });

type CommandReply = z.output<typeof commandReplySchema>;

const SUMMARY: Record<Verb, string> = {
  pause: 'Open no new positions; exits go on',
  resume: 'Trade again',
  stop: 'Decide nothing any more; stops on the exchange stay',
};

export function botCommandRoute(verb: Verb, dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'post',
    path: `/api/v1/bot/${verb}`,
    summary: SUMMARY[verb],
    query: NOTHING,
    body: commandBodySchema,
    reply: commandReplySchema,
    statuses: { 200: 'Done', 202: 'No worker answers now: Temporal keeps the command until one does' },
    handle: ({ body, caller }) => command({ verb, reason: body.reason ?? '', caller }, dependencies),
  });
}

interface Command {
  verb: Verb;
  reason: string;
  caller: Caller;
}

async function command({ verb, reason, caller }: Command, dependencies: ApiDependencies): Promise<Reply<CommandReply>> {
  const requestId = `${verb}:${caller.idempotencyKey ?? randomUUID()}`;
  const record = (outcome: string) => audit({ verb, reason, caller }, { requestId, outcome }, dependencies);
  let outcome: CommandOutcome;
  try {
    outcome = await dependencies.bot.command(verb, { requestId, reason, actor: ACTOR });
  } catch (error) {
    await record(isBotError(error) ? `failed: ${error.code} ${error.message}` : 'failed');
    throw error;
  }
  const recorded = await record(outcome.kind === 'queued' ? 'queued' : `${outcome.result.lifecycle}${outcome.result.changed ? '' : ' already'}`);
  return reply(outcome, { requestId, recorded, nowMs: dependencies.clock() });
}

function reply(outcome: CommandOutcome, { requestId, recorded, nowMs }: { requestId: string; recorded: boolean; nowMs: number }): Reply<CommandReply> {
  const common = { as_of: iso(nowMs), source: 'workflow' as const, request_id: requestId, audit: recorded ? 'recorded' as const : 'missing' as const };
  if (outcome.kind === 'queued') {
    return { status: 202, body: { ...common, state: null, changed: null, detail: 'no trading worker answers now; the command takes effect as soon as one is back' } };
  }
  const { lifecycle, changed } = outcome.result;
  return { status: 200, body: { ...common, state: lifecycle, changed, detail: changed ? `the bot is ${lifecycle} now` : `the bot was ${lifecycle} already` } };
}

/** One row per call, the refused ones included. Resolves to false when it could not be written. */
async function audit({ verb, reason, caller }: Command, { requestId, outcome }: { requestId: string; outcome: string }, { ledger, clock, logger }: ApiDependencies): Promise<boolean> {
  const fields = { who: ACTOR, fromAddress: caller.address, what: `bot.${verb}`, reason, outcome };
  logger.info(`Operator command ${verb}: ${outcome}`, { ...fields, requestId });
  try {
    await (await ledger()).saveAudit({ ...fields, auditId: randomUUID(), atMs: clock(), detail: { requestId, httpRequestId: caller.requestId } });
    return true;
  } catch (error) {
    logger.error('Audit row of an operator command could not be written', { ...fields, requestId, error });
    return false;
  }
}

/** `POST /api/v1/bot/pause|resume|stop`. */
import { z } from 'zod';
import type { ApiDependencies } from '../api-dependencies.js';
import type { CommandOutcome, Verb } from '../bot-client.js';
import { commandProvenance, defineCommand } from '../command.js';
import { NOTHING, type Reply, type Route } from '../route.js';

export const commandReplySchema = z.object({
  ...commandProvenance,
  state: z.string().nullable().meta({ description: 'state of the bot after the command; null while it is queued' }),
  changed: z.boolean().nullable().meta({ description: 'false when the bot was in that state already' }),
  detail: z.string(),
}).meta({ id: 'CommandReply' });

type CommandReply = Pick<z.output<typeof commandReplySchema>, 'state' | 'changed' | 'detail'>;

const SUMMARY: Record<Verb, string> = {
  pause: 'Open no new positions; exits go on',
  resume: 'Trade again',
  stop: 'Decide nothing any more; stops on the exchange stay',
};

export function botCommandRoute(verb: Verb, dependencies: ApiDependencies): Route {
  return defineCommand({
    path: `/api/v1/bot/${verb}`,
    summary: SUMMARY[verb],
    role: 'operator',
    body: NOTHING,
    reply: commandReplySchema,
    statuses: { 200: 'Done', 202: 'No worker answers now: Temporal keeps the command until one does' },
    what: `bot.${verb}`,
    source: 'workflow',
    run: async ({ requestId, actor, reason }) => reply(await dependencies.bot.command(verb, { requestId, reason, actor })),
  }, dependencies);
}

function reply(outcome: CommandOutcome): Reply<CommandReply> & { outcome: string } {
  if (outcome.kind === 'queued') {
    return { status: 202, body: { state: null, changed: null, detail: 'no trading worker answers now; the command takes effect as soon as one is back' }, outcome: 'queued' };
  }
  const { lifecycle, changed } = outcome.result;
  return {
    status: 200,
    body: { state: lifecycle, changed, detail: changed ? `the bot is ${lifecycle} now` : `the bot was ${lifecycle} already` },
    outcome: `${lifecycle}${changed ? '' : ' already'}`,
  };
}

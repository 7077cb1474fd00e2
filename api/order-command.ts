/** A POST route that hands the bot one order and answers with what the bot says: the new state, and where to watch the rest. */
import { z } from 'zod';
import type { BotOrder } from '../workflows/messages.js';
import type { ApiDependencies } from './api-dependencies.js';
import type { CommandOutcome } from './bot-client.js';
import { commandProvenance, defineCommand, type CommandInput } from './command.js';
import type { NOTHING, Reply, Route } from './route.js';
import { watchOf, watchSchema } from './watch.js';
import type { WorkflowDesk } from './workflow-desk.js';

export const orderReplySchema = z.object({
  ...commandProvenance,
  state: z.string().nullable().meta({ description: 'lifecycle of the bot after the order; null while it is queued' }),
  changed: z.boolean().nullable().meta({ description: 'false when what was asked for was so already' }),
  detail: z.string().meta({ description: 'what was done, with the numbers' }),
  watch: z.array(watchSchema).meta({ description: 'the workflows that do what takes longer than a moment' }),
}).meta({ id: 'OrderReply' });

type OrderReply = Pick<z.output<typeof orderReplySchema>, 'state' | 'changed' | 'detail' | 'watch'>;

interface OrderRoute<B extends z.ZodObject, P extends z.ZodObject> {
  path: string;
  summary: string;
  params?: P;
  body: B;
  what: string;
  role: 'operator' | 'admin';
  /** may look at the bot first and reject with `RefusedRequest` */
  order(input: CommandInput<B, P>): BotOrder | Promise<BotOrder>;
}

export function defineOrder<B extends z.ZodObject, P extends z.ZodObject = typeof NOTHING>(definition: OrderRoute<B, P>, dependencies: ApiDependencies): Route {
  const { order, ...route } = definition;
  return defineCommand<B, typeof orderReplySchema, P>({
    ...route,
    reply: orderReplySchema,
    statuses: { 200: 'Done', 202: 'Under way: watch says where; or kept by Temporal until a trading worker is back' },
    source: 'workflow',
    run: async (input) => {
      const { requestId, actor, reason } = input;
      return orderReply(await dependencies.bot.order({ ...(await order(input)), requestId, actor, reason }), dependencies.workflows);
    },
  }, dependencies);
}

export function orderReply(outcome: CommandOutcome, workflows: Pick<WorkflowDesk, 'links'>): Reply<OrderReply> & { outcome: string } {
  if (outcome.kind === 'queued') {
    const detail = 'no trading worker answers now; the order takes effect as soon as one is back';
    return { status: 202, body: { state: null, changed: null, detail, watch: [] }, outcome: 'queued' };
  }
  const { lifecycle, changed, detail, workflowIds } = outcome.result;
  const watch = workflowIds.map((id) => watchOf(workflows.links(id)));
  return { status: watch.length === 0 ? 200 : 202, body: { state: lifecycle, changed, detail, watch }, outcome: detail };
}

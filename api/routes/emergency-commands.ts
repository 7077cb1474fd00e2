/**
 * `POST /api/v1/emergency/stop-all-trading` and `/emergency/release`.
 *
 * Invariants
 * 1. The latch comes first: once it holds, no order of ours increases risk, whatever else fails. It needs no Temporal.
 * 2. A stop that finds the latch set takes that halt up again; two stops are one halt.
 * 3. Releasing needs the id of the very halt and the bot's consent; the bot then is paused, never running.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import type { CommandRequest, EmergencyRequest } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { orderReply, orderReplySchema } from '../order-command.js';
import { RefusedRequest } from '../problem.js';
import { NOTHING, type Route } from '../route.js';
import { watchOf, watchSchema, type Watch } from '../watch.js';

const HALT_ID_LENGTH_MAX = 64;

export const emergencyStopSchema = z.object({
  ...commandProvenance,
  halt_id: z.string().meta({ description: 'needed to release the halt' }),
  latch: z.enum(['set', 'set already', 'not set']).meta({ description: 'while it is set no order increases risk, with Temporal or the database away as well' }),
  halted: z.boolean().meta({ description: 'the workflow that halts the bot and cancels its orders was started' }),
  detail: z.string(),
  watch: z.array(watchSchema),
}).meta({ id: 'EmergencyStop' });

export function emergencyStopRoute(dependencies: ApiDependencies): Route {
  return defineCommand({
    path: '/api/v1/emergency/stop-all-trading',
    summary: 'Halt: no order increases risk any more, orders that could are cancelled; protective stops stay',
    role: 'operator',
    body: NOTHING,
    reply: emergencyStopSchema,
    statuses: { 202: 'The latch is set; the rest is under way, or starts when Temporal is back' },
    what: 'emergency.stop_all_trading',
    source: 'api',
    run: async ({ actor, reason }) => {
      const request = { haltId: `halt-${randomUUID().slice(0, 8)}`, atMs: dependencies.clock(), reason: reason || 'emergency stop', actor };
      const { halt, latch, failure } = await latched(request, dependencies);
      const started = await startShutdown(halt, dependencies);
      if (failure !== undefined && started.because !== undefined) {
        throw new RefusedRequest(503, `NOTHING was halted: ${failure.message}; ${started.because}`, { code: 10009, fix: 'cancel the orders and disable the API key on the exchange now; then repair data directory, database and Temporal', retryable: true });
      }
      const detail = [latch === 'not set' ? `the latch could not be set (${failure?.message ?? 'unknown'})` : 'no order increases risk any more', started.detail].join('; ');
      return {
        status: 202,
        body: { halt_id: halt.haltId, latch, halted: started.because === undefined, detail, watch: started.watch },
        // a repetition of what is not under way yet tries again
        outcome: started.because === undefined ? `halted: ${halt.haltId}: ${detail}` : 'queued',
      };
    },
  }, dependencies);
}

export function emergencyReleaseRoute(dependencies: ApiDependencies): Route {
  return defineCommand({
    path: '/api/v1/emergency/release',
    summary: 'End the halt of that id, when bot and exchange agree; the bot is paused then',
    role: 'admin',
    body: z.strictObject({ halt_id: z.string().min(1).max(HALT_ID_LENGTH_MAX).meta({ description: `the id that stop-all-trading gave, 1 to ${HALT_ID_LENGTH_MAX} characters` }) }),
    reply: orderReplySchema,
    statuses: { 200: 'Released', 202: 'No trading worker answers now: the latch stays set; repeat the call when one is back' },
    what: 'emergency.release',
    source: 'workflow',
    run: ({ body: { halt_id: haltId }, requestId, actor, reason }) => release(haltId, { requestId, actor, reason }, dependencies),
  }, dependencies);
}

/** The bot first: only when it consents does the latch go. A bot that never heard of the halt hears of it now, so that it consents to something. */
async function release(haltId: string, request: CommandRequest, { bot, latch, workflows }: ApiDependencies): Promise<ReturnType<typeof orderReply>> {
  const held = await latch.read();
  if (held !== null && held.haltId !== haltId) {
    throw new RefusedRequest(409, `the emergency latch is held by ${held.haltId}, not by ${haltId}`, { code: 10009, fix: `give halt_id ${held.haltId}, if that is the halt to be ended` });
  }
  if (held !== null) await bot.order({ verb: 'halt', haltId, ...request, requestId: `${request.requestId}:halt`, reason: held.reason });
  const outcome = await bot.order({ verb: 'release', haltId, ...request });
  if (outcome.kind === 'applied') await latch.clear(haltId);
  return orderReply(outcome, workflows);
}

interface Latched {
  /** the halt in force: this one, or the one that was set already */
  halt: EmergencyRequest;
  latch: 'set' | 'set already' | 'not set';
  failure?: BotError;
}

async function latched(request: EmergencyRequest, { latch, logger }: ApiDependencies): Promise<Latched> {
  try {
    await latch.set(request);
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.critical('Emergency latch could not be set', { code: 10009, haltId: request.haltId, error });
    return { halt: request, latch: 'not set', failure: error };
  }
  const held = await latch.read().catch(() => null) ?? request;
  return held.haltId === request.haltId ? { halt: request, latch: 'set' } : { halt: held, latch: 'set already' };
}

interface Started {
  watch: Watch[];
  detail: string;
  /** why it was not started */
  because?: string;
}

async function startShutdown(halt: EmergencyRequest, { workflows, logger }: ApiDependencies): Promise<Started> {
  try {
    return { watch: [watchOf(await workflows.startEmergencyShutdown(halt))], detail: 'the bot is being halted and its orders cancelled' };
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.critical('Emergency shutdown could not be started', { code: 10009, haltId: halt.haltId, error });
    return { watch: [], because: error.message, detail: `open orders are NOT cancelled: ${error.message}; repeat the call when Temporal is back, or cancel them on the exchange` };
  }
}

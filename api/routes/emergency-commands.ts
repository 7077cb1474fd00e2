/**
 * `POST /api/v1/emergency/stop-all-trading` and `GET /api/v1/emergency`.
 *
 * Invariants
 * 1. The latch comes first: once it holds, no order of ours increases risk, whatever else fails. It needs no Temporal.
 * 2. The rest is the runbook's. When Temporal cannot start it, or nobody carries it out, this process acts on the exchange itself;
 *    the runbook takes over when Temporal is back.
 * 3. A stop that finds the latch set takes that halt up again; two stops are one halt, and do the most of what both ask for.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { STOPPABLE, type EmergencyOrder } from '../../core/emergency/emergency-order.js';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import type { DirectStanding } from '../../core/ports/emergency-stop.js';
import { EMERGENCY_WORKFLOW_TYPE, type RunbookProgress } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { RefusedRequest } from '../problem.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { watchOf, watchSchema, type Watch } from '../watch.js';
import { instant, iso, provenance } from '../wire.js';

const directSchema = z.object({
  halt_id: z.string(),
  state: z.enum(['refused', 'acting', 'done']).meta({ description: 'refused: this process cannot reach the exchange · acting: at it · done: the exchange has shown it twice' }),
  since: instant,
  lines: z.array(z.string()).meta({ description: 'what was done and what failed, newest last' }),
  remaining: z.array(z.string()).meta({ description: 'what a person has to do' }),
  figures: z.record(z.string(), z.number()).meta({ description: 'secondsToNoRisk, secondsToFlat' }),
  journal: z.string().nullable().meta({ description: 'path below the data directory' }),
}).meta({ id: 'DirectEmergency' });

export const emergencyStopSchema = z.object({
  ...commandProvenance,
  halt_id: z.string().meta({ description: 'needed to release the halt' }),
  latch: z.enum(['set', 'set already', 'not set']).meta({ description: 'while it is set no order increases risk, with Temporal or the database away as well' }),
  halted: z.boolean().meta({ description: 'orders are being cancelled: by the runbook, or by this process itself' }),
  run_id: z.string().nullable().meta({ description: 'of the runbook; null while Temporal is away' }),
  direct: directSchema.nullable().meta({ description: 'what this process does itself; null: the runbook does it' }),
  detail: z.string(),
  watch: z.array(watchSchema),
}).meta({ id: 'EmergencyStop' });

export const emergencySchema = z.object({
  ...provenance,
  latch: z.object({ halt_id: z.string(), at: instant, reason: z.string(), actor: z.string() }).nullable().meta({ description: 'null: not set' }),
  direct: directSchema.nullable().meta({ description: 'what this process did without Temporal; null: nothing' }),
}).meta({ id: 'Emergency' });

export function emergencyRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/emergency', summary: 'The emergency latch, and what was done without Temporal', role: 'viewer', query: NOTHING, body: NOTHING,
    reply: emergencySchema,
    statuses: { 200: 'The latch' },
    handle: async () => {
      const held = await dependencies.latch.read();
      const latch = held === null ? null : { halt_id: held.haltId, at: iso(held.atMs), reason: held.reason, actor: held.actor };
      return { status: 200, body: { as_of: iso(dependencies.clock()), source: 'api' as const, latch, direct: onTheWire(dependencies.emergency.standing()) } };
    },
  });
}

export function emergencyStopRoute(dependencies: ApiDependencies): Route {
  return defineCommand({
    path: '/api/v1/emergency/stop-all-trading',
    summary: 'Halt: no order increases risk any more, orders that could are cancelled; protective stops stay, or positions are closed',
    role: 'operator',
    body: z.strictObject({
      close_positions: z.boolean().default(false).meta({ description: 'true: close all positions with reduce-only market orders' }),
      stop_services: z.array(z.enum(STOPPABLE)).max(STOPPABLE.length).default([]).meta({ description: `services to stop afterwards: ${STOPPABLE.join(', ')}` }),
    }),
    reply: emergencyStopSchema,
    statuses: { 202: 'The latch is set; the rest is under way' },
    what: 'emergency.stop_all_trading',
    source: 'api',
    run: async ({ actor, reason, body }) => {
      const asked: EmergencyOrder = {
        haltId: `halt-${randomUUID().slice(0, 8)}`, atMs: dependencies.clock(), reason: reason || 'emergency stop', actor, closePositions: body.close_positions, stopServices: body.stop_services,
      };
      const { order, latch, failure } = await latched(asked, dependencies);
      const started = await startShutdown(order, dependencies);
      const halted = started.runId !== null || started.direct?.state === 'acting' || started.direct?.state === 'done';
      if (failure !== undefined && !halted) {
        throw new RefusedRequest(503, `NOTHING was halted: ${failure.message}; ${started.detail}`, { code: 10009, fix: 'run npx bot emergency --direct with the exchange credentials, or cancel the orders and disable the API key on the exchange now', retryable: true });
      }
      const detail = [latch === 'not set' ? `the latch could not be set (${failure?.message ?? 'unknown'})` : 'no order increases risk any more', started.detail].join('; ');
      return {
        status: 202,
        body: { halt_id: order.haltId, latch, halted, run_id: started.runId, direct: onTheWire(started.direct), detail, watch: started.watch },
        // a repetition of what is not under way yet tries again
        outcome: halted ? `halted: ${order.haltId}: ${detail}` : 'queued',
      };
    },
  }, dependencies);
}

function onTheWire(standing: DirectStanding | null): z.output<typeof directSchema> | null {
  if (standing === null) return null;
  const { haltId, state, sinceMs, lines, remaining, figures, journal } = standing;
  return { halt_id: haltId, state, since: iso(sinceMs), lines, remaining, figures, journal };
}

interface Latched {
  /** with the halt in force: this one, or the one that was set already */
  order: EmergencyOrder;
  latch: 'set' | 'set already' | 'not set';
  failure?: BotError;
}

async function latched(order: EmergencyOrder, { latch, logger }: ApiDependencies): Promise<Latched> {
  const { haltId, atMs, reason, actor } = order;
  logger.critical(`Emergency stop activated by ${actor}: ${reason}`, { code: 10009, haltId });
  try {
    await latch.set({ haltId, atMs, reason, actor });
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.critical('Emergency latch could not be set', { code: 10009, haltId, error });
    return { order, latch: 'not set', failure: error };
  }
  const held = await latch.read().catch(() => null) ?? order;
  return held.haltId === haltId ? { order, latch: 'set' } : { order: { ...order, haltId: held.haltId }, latch: 'set already' };
}

interface Started {
  watch: Watch[];
  detail: string;
  /** null: Temporal could not start it */
  runId: string | null;
  direct: DirectStanding | null;
}

async function startShutdown(order: EmergencyOrder, { workflows, emergency, logger }: ApiDependencies): Promise<Started> {
  try {
    const { runId, ...links } = await workflows.startEmergencyShutdown(order);
    // a workflow that nobody carries out cancels nothing
    emergency.actUnless(order, async () => hasBegun(await workflows.progress({ workflowId: links.workflowId, type: EMERGENCY_WORKFLOW_TYPE })));
    return { watch: [watchOf(links)], runId, direct: null, detail: 'the bot is being halted and its orders cancelled' };
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.critical('Emergency shutdown could not be started; acting without Temporal', { code: 10009, haltId: order.haltId, error });
    const direct = emergency.act(order);
    const detail = direct.state === 'refused'
      ? `open orders are NOT cancelled: ${error.message}; ${direct.lines.at(-1) ?? ''}; run npx bot emergency --direct with the exchange credentials, or cancel them on the exchange`
      : `${error.message}: this process cancels the orders itself`;
    return { watch: [], runId: null, direct, detail };
  }
}

function hasBegun(progress: unknown): boolean {
  return (progress as RunbookProgress | null)?.steps.some(({ state }) => state !== 'pending') ?? false;
}

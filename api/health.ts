/**
 * The health of the whole, put together from probes of its parts.
 *
 * Invariants
 * 1. All parts are asked at once, each has its own time limit, and none can keep the answer from coming.
 * 2. "ok" needs every part; anything less is HTTP 503, because `curl -f` has to fail.
 */
import { z } from 'zod';
import { isBotError } from '../core/errors/bot-error.js';
import type { ApiDependencies } from './api-dependencies.js';
import { PART_STATES, type HealthProbe, type PartState } from './health-probe.js';
import { defineRoute, NOTHING, type Route } from './route.js';
import { withinLimit } from './time-limit.js';
import { instant, iso, isoOrNull, provenance } from './wire.js';

const PROBE_TIMEOUT_MS = 2_000;

const partState = z.enum(PART_STATES);

const partSchema = z.object({
  state: partState,
  detail: z.string(),
  latency_ms: z.number().nullable().meta({ description: 'how long the part took to answer; null: it did not' }),
  as_of: instant.nullable().meta({ description: 'when the part was last seen at work' }),
  age_ms: z.int().nullable(),
}).meta({ id: 'HealthPart' });

export const healthSchema = z.object({
  ...provenance,
  status: partState.meta({ description: 'ok: every part is · degraded: trading goes on, with a part missing · down: no decisions are made' }),
  uptime: z.number().meta({ description: 'seconds since this process started' }),
  last_trade_time: instant.nullable(),
  mode: z.string(),
  market: z.string(),
  dependencies: z.record(z.string(), partSchema),
}).meta({ id: 'Health' });

export type Health = z.output<typeof healthSchema>;

export function createHealth(dependencies: ApiDependencies): () => Promise<Health> {
  const startedAtMs = performance.now();
  return async () => {
    const [parts, lastTradeMs] = await Promise.all([
      Promise.all(dependencies.probes.map(async (probe) => ({ probe, part: await askPart(probe, dependencies.clock) }))),
      lastTrade(dependencies),
    ]);
    return {
      as_of: iso(dependencies.clock()),
      source: 'api',
      status: overall(parts.map(({ probe, part }) => ({ vital: probe.vital, state: part.state }))),
      uptime: Math.round(performance.now() - startedAtMs) / 1_000,
      last_trade_time: isoOrNull(lastTradeMs),
      mode: dependencies.mode,
      market: dependencies.market,
      dependencies: Object.fromEntries(parts.map(({ probe, part }) => [probe.name, part])),
    };
  };
}

export function healthRoute(health: () => Promise<Health>): Route {
  return defineRoute({
    method: 'get',
    path: '/health',
    summary: 'Health of the bot and of everything it depends on',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: healthSchema,
    statuses: { 200: 'Every part is ok', 503: 'A part is not ok; the body says which' },
    handle: async () => {
      const body = await health();
      return { status: body.status === 'ok' ? 200 : 503, body };
    },
  });
}

function overall(parts: readonly { vital: boolean; state: PartState }[]): PartState {
  if (parts.some(({ vital, state }) => vital && state === 'down')) return 'down';
  return parts.every(({ state }) => state === 'ok') ? 'ok' : 'degraded';
}

/** Null also while the ledger is away: its own part says so. */
async function lastTrade({ ledger, logger }: ApiDependencies): Promise<number | null> {
  try {
    return await withinLimit(ledger().then((open) => open.lastTradeMs()), { what: 'the ledger', limitMs: PROBE_TIMEOUT_MS });
  } catch (error) {
    logger.debug('The time of the last trade is not known now', { error });
    return null;
  }
}

async function askPart(probe: HealthProbe, clock: () => number): Promise<Health['dependencies'][string]> {
  const startedMs = performance.now();
  try {
    const { state, detail, seenAtMs } = await withinLimit(probe.check(), { what: probe.name, limitMs: PROBE_TIMEOUT_MS });
    const nowMs = clock();
    const atMs = seenAtMs === undefined ? nowMs : seenAtMs;
    return { state, detail, latency_ms: Math.round((performance.now() - startedMs) * 10) / 10, as_of: isoOrNull(atMs), age_ms: atMs === null ? null : Math.max(0, Math.round(nowMs - atMs)) };
  } catch (error) {
    return { state: 'down', detail: isBotError(error) ? `${error.message} (${error.code}); ${error.fix}` : 'the check itself failed', latency_ms: null, as_of: null, age_ms: null };
  }
}

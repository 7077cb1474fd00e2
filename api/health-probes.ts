/** One probe for each part that trading depends on, in the order of dependence. */
import { MAINTENANCE_QUEUE, TRADING_QUEUE, type BotStatus } from '../workflows/messages.js';
import type { LedgerAccess } from './api-dependencies.js';
import type { BotClient } from './bot-client.js';
import type { Finding, HealthProbe } from './health-probe.js';
import type { TemporalView } from './temporal-view.js';

export interface HealthProbeParts {
  ledger: LedgerAccess;
  bot: BotClient;
  temporal: TemporalView;
  clock: () => number;
  /** queues of the two workers; absent: those of the product */
  queues?: { trading: string; maintenance: string };
}

/** A worker's poll lasts up to 60 s and counts from its beginning; the rest is for a busy machine. */
const POLL_AGE_MAX_MS = 75_000;
/** The lease is kept up every second and lost after four (workflows/feed-lease.ts). */
const LEASE_AGE_MAX_MS = 6_000;

export function createHealthProbes({ ledger, bot, temporal, clock, queues = { trading: TRADING_QUEUE, maintenance: MAINTENANCE_QUEUE } }: HealthProbeParts): HealthProbe[] {
  return [
    {
      name: 'postgres',
      vital: true,
      check: async () => {
        const { serverVersion } = await (await ledger()).ping();
        return { state: 'ok', detail: `PostgreSQL ${serverVersion} answers` };
      },
    },
    {
      name: 'temporal',
      vital: true,
      check: async () => {
        await temporal.ping();
        return { state: 'ok', detail: 'the server answers' };
      },
    },
    { name: 'exchange_feed', vital: true, check: async () => feed(await temporal.feedLease(), clock()) },
    { name: 'trading_worker', vital: true, check: async () => worker(await temporal.newestPollMs(queues.trading), clock()) },
    { name: 'maintenance_worker', vital: false, check: async () => worker(await temporal.newestPollMs(queues.maintenance), clock()) },
    { name: 'bot', vital: true, check: async () => botFinding(await bot.status()) },
  ];
}

function feed({ running, heartbeatMs }: { running: boolean; heartbeatMs: number | null }, nowMs: number): Finding {
  if (!running) return { state: 'down', detail: 'the feed lease does not run; start the trading worker', seenAtMs: heartbeatMs };
  if (heartbeatMs === null || nowMs - heartbeatMs > LEASE_AGE_MAX_MS) return { state: 'down', detail: 'no worker feeds the bot; start the trading worker', seenAtMs: heartbeatMs };
  return { state: 'ok', detail: 'a trading worker feeds the bot', seenAtMs: heartbeatMs };
}

function worker(newestPollMs: number | null, nowMs: number): Finding {
  if (newestPollMs === null) return { state: 'down', detail: 'no worker polls its queue; start it', seenAtMs: null };
  if (nowMs - newestPollMs > POLL_AGE_MAX_MS) return { state: 'down', detail: 'the worker has stopped polling its queue; restart it', seenAtMs: newestPollMs };
  return { state: 'ok', detail: 'polls its queue', seenAtMs: newestPollMs };
}

/** Paused and stopped are an operator's will and no illness; `bot/status` tells them. */
function botFinding({ lifecycle, blockedBecause, reason }: BotStatus): Finding {
  switch (lifecycle) {
    case 'starting':
      return { state: 'degraded', detail: blockedBecause ?? 'has not yet agreed with the exchange' };
    case 'running':
      return { state: 'ok', detail: blockedBecause === undefined ? 'running' : `running, opens nothing: ${blockedBecause}` };
    case 'paused':
    case 'stopped':
      return { state: 'ok', detail: `${lifecycle}: ${reason}` };
  }
}

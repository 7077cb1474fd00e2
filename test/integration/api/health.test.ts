import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { LedgerAccess } from '../../../api/api-dependencies.js';
import { createBotClient } from '../../../api/bot-client.js';
import { createHealthProbes } from '../../../api/health-probes.js';
import { healthSchema, type Health } from '../../../api/health.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import { createTemporalView } from '../../../api/temporal-view.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from './api-server.js';
import { setBotStage, type BotStage } from './bot-stage.js';

const NOBODY_LISTENS = '127.0.0.1:1';

let stage: BotStage;
let database: TestDatabase;
let ledger: Ledger;

beforeAll(async () => {
  [stage, database] = await Promise.all([setBotStage(), createTestDatabase()]);
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
});
afterAll(async () => {
  await ledger.close();
  await Promise.all([stage.close(), database.drop()]);
});

function serve(access: LedgerAccess, client = stage.temporal.client): Promise<ApiServer> {
  const bot = createBotClient({ client, workflowId: stage.workflowId });
  const temporal = createTemporalView({ client, feedWorkflowId: stage.feedWorkflowId });
  const probes = createHealthProbes({ ledger: access, bot, temporal, clock: Date.now, queues: stage.queues });
  return serveApi({ ledger: access, bot, probes, clock: Date.now, mode: 'paper', market: 'synthetic', logger: silentLogger });
}

async function ask(api: ApiServer): Promise<{ status: number; health: Health; elapsedMs: number }> {
  const startedMs = performance.now();
  const { status, json } = await api.ask('/health');
  return { status, health: healthSchema.parse(json), elapsedMs: performance.now() - startedMs };
}

const states = (health: Health): Record<string, string> => Object.fromEntries(Object.entries(health.dependencies).map(([name, { state }]) => [name, state]));

describe('GET /health', () => {
  it('is 200 and "ok" when every part is, and says of each how fast it answered and how fresh it is', async () => {
    const api = await serve(() => Promise.resolve(ledger));
    try {
      await expect.poll(async () => (await ask(api)).health.status, { timeout: 15_000, interval: 200 }).toBe('ok');
      const { status, health } = await ask(api);
      expect(status).toBe(200);
      expect(states(health)).toEqual({ postgres: 'ok', temporal: 'ok', exchange_feed: 'ok', trading_worker: 'ok', maintenance_worker: 'ok', bot: 'ok' });
      for (const part of Object.values(health.dependencies)) {
        expect(part.latency_ms).toBeGreaterThanOrEqual(0);
        expect(part.age_ms).toBeLessThan(70_000);
      }
      expect(health).toMatchObject({ last_trade_time: null, mode: 'paper', market: 'synthetic' });
      expect(health.uptime).toBeGreaterThan(0);
    } finally {
      await api.close();
    }
  });

  it('is 503 when the database is away; the other parts are still told', async () => {
    const closed = new URL(database.databaseUrl);
    closed.port = '1';
    const api = await serve(() => createPostgresLedger({ databaseUrl: closed.href, logger: silentLogger }));
    try {
      const { status, health } = await ask(api);
      expect(status).toBe(503);
      expect(health.status).toBe('down');
      expect(health.dependencies['postgres']).toMatchObject({ state: 'down', latency_ms: null, detail: expect.stringContaining('10003') as string });
      expect(states(health)).toMatchObject({ temporal: 'ok', bot: 'ok' });
    } finally {
      await api.close();
    }
  });

  it('is 503 within seconds when Temporal is away, and every command is refused with a clear problem', async () => {
    const connection = openTemporalConnection(NOBODY_LISTENS);
    const api = await serve(() => Promise.resolve(ledger), new Client({ connection }));
    try {
      const { status, health, elapsedMs } = await ask(api);
      expect(status).toBe(503);
      expect(elapsedMs).toBeLessThan(6_000);
      expect(states(health)).toEqual({ postgres: 'ok', temporal: 'down', exchange_feed: 'down', trading_worker: 'down', maintenance_worker: 'down', bot: 'down' });
      expect(await api.refused('/api/v1/bot/pause', { method: 'POST' })).toMatchObject({ status: 503, json: { code: 10006, fix: expect.stringContaining('Temporal server') as string } });
      expect((await api.ask('/metrics')).text).toMatch(/^trading_bot_up 0$/m);
      expect((await api.ask('/metrics')).text).not.toMatch(/^trading_bot_daily_pnl /m);
    } finally {
      await api.close();
      await connection.close();
    }
  });

  it('is 503 as soon as no trading worker answers, long before its last poll is old, and "ok" again when it is back', async () => {
    const api = await serve(() => Promise.resolve(ledger));
    try {
      await stage.stopWorkers();
      const { status, health } = await ask(api);
      expect(status).toBe(503);
      expect(health.status).toBe('down');
      expect(health.dependencies['bot']?.state).toBe('down');
      expect((await api.ask('/metrics')).text).toMatch(/^trading_bot_up 0$/m);
      await stage.startWorkers();
      await expect.poll(async () => (await ask(api)).health.status, { timeout: 20_000, interval: 200 }).toBe('ok');
      await expect.poll(async () => (await api.ask('/metrics')).text, { timeout: 5_000, interval: 200 }).toMatch(/^trading_bot_up 1$/m);
      expect((await api.ask('/metrics')).text).toMatch(/^trading_bot_daily_pnl 12\.5$/m);
    } finally {
      await api.close();
    }
  });

  it('asks the parts once for many callers at the same moment', async () => {
    let asked = 0;
    const access: LedgerAccess = () => {
      asked += 1;
      return Promise.resolve(ledger);
    };
    const api = await serve(access);
    try {
      await Promise.all(Array.from({ length: 20 }, () => api.ask('/health')));
      expect(asked).toBeLessThanOrEqual(2);
    } finally {
      await api.close();
    }
  });
});

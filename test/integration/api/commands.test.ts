import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { createBotClient } from '../../../api/bot-client.js';
import { botStatusSchema } from '../../../api/routes/bot-status.js';
import { commandReplySchema } from '../../../api/routes/bot-commands.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type Answer, type ApiServer } from './api-server.js';
import { setBotStage, type BotStage } from './bot-stage.js';

type CommandReply = z.output<typeof commandReplySchema>;

let stage: BotStage;
let database: TestDatabase;
let ledger: Ledger;
let api: ApiServer;

beforeAll(async () => {
  [stage, database] = await Promise.all([setBotStage(), createTestDatabase()]);
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  api = await serve(() => Promise.resolve(ledger));
});
afterAll(async () => {
  await api.close();
  await ledger.close();
  await Promise.all([stage.close(), database.drop()]);
});
beforeEach(() => post('resume'));

function serve(access: () => Promise<Ledger>): Promise<ApiServer> {
  const bot = createBotClient({ client: stage.temporal.client, workflowId: stage.workflowId, commandTimeoutMs: 1_500 });
  return serveApi({ ledger: access, bot, probes: [], clock: Date.now, mode: 'paper', market: 'synthetic, seed 7', logger: silentLogger });
}

async function post(verb: string, init: RequestInit = {}, server = api): Promise<Answer<CommandReply>> {
  const answer = await server.ask<CommandReply>(`/api/v1/bot/${verb}`, { method: 'POST', ...init });
  commandReplySchema.parse(answer.json);
  return answer;
}

async function status(): Promise<z.output<typeof botStatusSchema>> {
  const { json } = await api.ask('/api/v1/bot/status');
  return botStatusSchema.parse(json);
}

const auditRows = () => database.query<{ what: string; reason: string; outcome: string; from_address: string }>('select * from audit order by timestamp, audit_id');

describe('the status of the bot', () => {
  it('comes from the workflow, with mode and market', async () => {
    expect(await status()).toMatchObject({
      source: 'workflow', trading_active: true, state: 'running', mode: 'paper', market: 'synthetic, seed 7', since: '2024-05-01T11:59:00.000Z',
      decided_through: '2024-05-01T12:00:00.000Z', equity: '10012.5', blocked_because: null,
      open_trades: [{ trade_id: 'BTCUSDT-1-abcd', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', state: 'open' }],
    });
  });
});

describe('a command', () => {
  it.each([['pause', 'paused'], ['stop', 'stopped']])('to %s answers with the new state, and says when it was the state already', async (verb, state) => {
    expect(await post(verb)).toMatchObject({ status: 200, json: { state, changed: true, source: 'workflow', audit: 'recorded' } });
    expect(await post(verb)).toMatchObject({ status: 200, json: { state, changed: false } });
    expect(await status()).toMatchObject({ state, trading_active: false });
  });

  it.each([
    ['no body at all', {}],
    ['an empty JSON object', { body: '{}', headers: { 'Content-Type': 'application/json' } }],
    ['JSON under the content type of a form', { body: '{"reason": "lunch"}', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }],
  ])('may come with %s', async (_what, init) => {
    expect(await post('pause', init)).toMatchObject({ status: 200, json: { state: 'paused' } });
  });

  it('hands its reason to the bot', async () => {
    await post('pause', { body: '{"reason": "news at eight"}' });
    expect((await status()).reason).toBe('news at eight');
  });

  it('repeated with its Idempotency-Key is one command with one answer, whatever happened in between', async () => {
    const init = { headers: { 'Idempotency-Key': randomUUID() } };
    const first = await post('pause', init);
    await post('resume');
    const again = await post('pause', init);
    expect(again.json).toMatchObject({ state: 'paused', changed: true, request_id: first.json.request_id });
    expect((await status()).state).toBe('running');
  });

  it('repeated after a restart of the API, and after the bot has forgotten, still has its first answer', async () => {
    const init = { headers: { 'Idempotency-Key': randomUUID() }, body: '{"reason":"once"}' };
    const first = await post('pause', init);
    await post('resume');
    const restarted = await serve(() => Promise.resolve(ledger));
    try {
      expect((await post('pause', init, restarted)).json).toEqual(first.json);
      expect((await status()).state).toBe('running');
    } finally {
      await restarted.close();
    }
    expect((await auditRows()).filter(({ reason }) => reason === 'once').map(({ outcome }) => outcome)).toEqual(['paused', 'repeated: paused']);
  });

  it('under the key of another request is refused with 409 and changes nothing, also while the first is on its way', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const two = ['{"reason":"a"}', '{"reason":"b"}'].map((body) => api.ask('/api/v1/bot/pause', { method: 'POST', headers, body }));
    expect(new Set((await Promise.all(two)).map((answer) => answer.status))).toEqual(new Set([200, 409]));
    await post('resume');
    expect(await api.refused('/api/v1/bot/pause', { method: 'POST', headers, body: '{"reason":"c"}' })).toMatchObject({ status: 409, json: { code: 30004, fix: expect.stringContaining('new key') as string } });
    expect((await status()).state).toBe('running');
  });

  it('repeated at the same time by many is run once', async () => {
    const init = { headers: { 'Idempotency-Key': randomUUID() } };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('pause', init)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.json.changed).toBe(true);
  });

  it('has the same id while the database is away, so that the bot still sees one command', async () => {
    const server = await serve(() => createPostgresLedger({ databaseUrl: database.databaseUrl.replace(/:\d+\//, ':1/'), logger: silentLogger }));
    const init = { headers: { 'Idempotency-Key': randomUUID() } };
    try {
      const first = await post('pause', init, server);
      await post('resume');
      expect((await post('pause', init, server)).json).toMatchObject({ request_id: first.json.request_id, state: 'paused', changed: true });
      expect((await status()).state).toBe('running');
      expect((await post('pause', init)).json.request_id).toBe(first.json.request_id);
    } finally {
      await server.close();
    }
  });

  it('is another command than a different verb with the same Idempotency-Key', async () => {
    const init = { headers: { 'Idempotency-Key': randomUUID() } };
    await post('pause', init);
    expect((await post('stop', init)).json.state).toBe('stopped');
  });

  it('leaves an audit row: what, why, from where and how it ended', async () => {
    const reason = randomUUID();
    await post('pause', { body: JSON.stringify({ reason }) });
    await post('pause', { body: JSON.stringify({ reason }) });
    const rows = (await auditRows()).filter((row) => row.reason === reason);
    expect(rows).toEqual([
      expect.objectContaining({ what: 'bot.pause', outcome: 'paused', from_address: '127.0.0.1' }),
      expect.objectContaining({ what: 'bot.pause', outcome: 'paused already' }),
    ]);
  });

  it('goes through while the database is away, and the reply says that the audit row is missing', async () => {
    const closed = new URL(database.databaseUrl);
    closed.port = '1';
    const server = await serve(() => createPostgresLedger({ databaseUrl: closed.href, logger: silentLogger }));
    try {
      expect(await post('pause', {}, server)).toMatchObject({ status: 200, json: { state: 'paused', audit: 'missing' } });
    } finally {
      await server.close();
    }
  });

  it('that no worker answers is kept by Temporal and takes effect when a worker is back', async () => {
    await stage.stopWorkers();
    const queued = await post('stop');
    expect(queued).toMatchObject({ status: 202, json: { state: null, changed: null, audit: 'recorded' } });
    await stage.startWorkers();
    await expect.poll(async () => (await status()).state, { timeout: 20_000 }).toBe('stopped');
  });

  it.each([
    ['{"reason": 5}', 'reason', 'give reason as text of at most 500 characters'],
    [JSON.stringify({ reason: 'x'.repeat(501) }), 'reason', 'give reason as text of at most 500 characters'],
    ['{"reson": "x"}', 'reson', 'known: reason'],
    ['[1]', 'the body', 'send a JSON object'],
  ])('with the wrong body %s names field and fix, and changes nothing', async (body, field, fix) => {
    const answer = await api.refused('/api/v1/bot/stop', { method: 'POST', body });
    expect(answer).toMatchObject({ status: 400, json: { code: 30004, errors: [{ field, fix }] } });
    expect((await status()).state).toBe('running');
  });

  it('with a body that is no JSON, or a wrong key, is refused', async () => {
    expect(await api.refused('/api/v1/bot/stop', { method: 'POST', body: 'stop!' })).toMatchObject({ status: 400, json: { detail: 'the body is not JSON: "stop!"' } });
    expect(await api.refused('/api/v1/bot/stop', { method: 'POST', headers: { 'Idempotency-Key': 'k'.repeat(129) } })).toMatchObject({ status: 400, json: { code: 30004 } });
  });
});

describe('when no bot runs', () => {
  it('a command is refused, audited, and the status comes from the ledger', async () => {
    const bot = createBotClient({ client: stage.temporal.client, workflowId: 'no-such-bot' });
    const server = await serveApi({ ledger: () => Promise.resolve(ledger), bot, probes: [], clock: Date.now, mode: 'paper', market: 'none', logger: silentLogger });
    try {
      const reason = randomUUID();
      expect(await server.refused('/api/v1/bot/pause', { method: 'POST', body: JSON.stringify({ reason }) })).toMatchObject({ status: 503, json: { code: 10006, detail: expect.stringContaining('does not run') as string } });
      expect((await auditRows()).find((row) => row.reason === reason)?.outcome).toMatch(/^failed: 10006 /);
      const answer = await server.ask('/api/v1/bot/status');
      expect(botStatusSchema.parse(answer.json)).toMatchObject({ source: 'ledger', trading_active: false, blocked_because: expect.stringContaining('does not run') as string });
    } finally {
      await server.close();
    }
  });
});

/** What an operator orders the bot over HTTP: strategies, positions, limits, and the halt. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createWorkflowDesk } from '../../../api/workflow-desk.js';
import { createBotClient } from '../../../api/bot-client.js';
import { orderReplySchema } from '../../../api/order-command.js';
import type { Problem } from '../../../api/problem.js';
import { emergencyStopSchema } from '../../../api/routes/emergency-commands.js';
import { internalStateSchema } from '../../../api/routes/internal-state.js';
import { workflowSchema } from '../../../api/routes/workflows.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import { Client } from '@temporalio/client';
import { BotError } from '../../../core/errors/bot-error.js';
import type { BotCommand } from '../../../workflows/messages.js';
import { stageApi, type StagedApi } from './staged-api.js';

type OrderReply = z.output<typeof orderReplySchema>;
type Halted = z.output<typeof emergencyStopSchema>;

let api: StagedApi;
beforeAll(async () => { api = await stageApi(); });
afterAll(() => api.close());

async function lastOrders(count: number): Promise<BotCommand[]> {
  const { json } = await api.ask('/api/v1/debug/internal-state');
  return (internalStateSchema.parse(json).state?.['orders'] as BotCommand[]).slice(-count);
}

async function lastOrder(): Promise<BotCommand | undefined> {
  return (await lastOrders(1))[0];
}

const auditRows = () => api.database.query<{ what: string; reason: string; outcome: string }>('select what, reason, outcome from audit order by timestamp, audit_id');

describe('an order', () => {
  it.each([
    ['/api/v1/risk/reset-daily-limits', undefined, { verb: 'reset_daily_limits' }, 200],
    ['/api/v1/strategies/restart', undefined, { verb: 'restart_strategies', strategies: [] }, 200],
    ['/api/v1/strategies/restart', { strategy_name: 'mean_reversion_btc' }, { verb: 'restart_strategies', strategies: ['mean_reversion_btc'] }, 200],
    ['/api/v1/strategies/sma_cross_eth/enable', undefined, { verb: 'enable_strategy', strategy: 'sma_cross_eth' }, 200],
    ['/api/v1/strategies/mean_reversion_btc/disable', { reason: 'too wild' }, { verb: 'disable_strategy', strategy: 'mean_reversion_btc', reason: 'too wild', actor: 'operator' }, 200],
    ['/api/v1/positions/BTCUSDT/close', undefined, { verb: 'close_position', symbol: 'BTCUSDT', qty: null }, 202],
    ['/api/v1/positions/BTCUSDT/close', { qty: '0.0100' }, { verb: 'close_position', symbol: 'BTCUSDT', qty: '0.01' }, 202],
    ['/api/v1/positions/close-all', undefined, { verb: 'close_all' }, 202],
  ])('POST %s with %j reaches the bot', async (target, body, order, status) => {
    const answer = await api.post<OrderReply>(target, body);
    expect(orderReplySchema.parse(answer.json)).toMatchObject({ state: 'running', changed: true, source: 'workflow', audit: 'recorded' });
    expect(answer.status).toBe(status);
    expect(await lastOrder()).toMatchObject(order);
  });

  it('that takes longer than a moment says where to watch it, here and in the Temporal Web UI', async () => {
    const { json } = await api.post<OrderReply>('/api/v1/positions/close-all');
    expect(json.watch).toEqual([{ workflow_id: 'trade-BTCUSDT-1-abcd', api: '/api/v1/workflows/trade-BTCUSDT-1-abcd', temporal_ui: '/namespaces/default/workflows/trade-BTCUSDT-1-abcd' }]);
  });

  it('repeated with its Idempotency-Key is one order; with another body under the key it is refused', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const first = await api.post<OrderReply>('/api/v1/positions/BTCUSDT/close', { qty: '0.01' }, headers);
    await api.post('/api/v1/risk/reset-daily-limits');
    const again = await api.post<OrderReply>('/api/v1/positions/BTCUSDT/close', { qty: '0.01' }, headers);
    expect(again.json.request_id).toBe(first.json.request_id);
    expect(await lastOrder()).toMatchObject({ verb: 'reset_daily_limits' });
    expect((await api.post('/api/v1/positions/BTCUSDT/close', { qty: '0.02' }, headers)).status).toBe(409);
  });

  it('leaves an audit row with its outcome, refused ones too', async () => {
    const reason = randomUUID();
    await api.post('/api/v1/strategies/restart', { reason });
    await api.post('/api/v1/positions/XRPUSDT/close', { reason });
    expect((await auditRows()).filter((row) => row.reason === reason)).toEqual([
      { what: 'strategies.restart', reason, outcome: 'done: restart_strategies' },
      { what: 'positions.close', reason, outcome: 'failed: 20002 no position of XRPUSDT is open' },
    ]);
  });

  it('for a strategy that does not exist names those that do', async () => {
    const answers = await Promise.all([api.post<Problem>('/api/v1/strategies/restart', { strategy_name: 'nope' }), api.post<Problem>('/api/v1/strategies/nope/enable')]);
    for (const { status, json } of answers) expect({ status, fix: json.fix }).toEqual({ status: 404, fix: 'give one of mean_reversion_btc, sma_cross_eth' });
  });

  it('that the bot refuses comes back in the bot\'s own words', async () => {
    const { status, json } = await api.post<Problem>('/api/v1/positions/XRPUSDT/close');
    expect({ status, code: json.code, detail: json.detail, fix: json.fix }).toEqual({ status: 404, code: 20002, detail: 'no position of XRPUSDT is open', fix: 'GET /api/v1/positions/active lists the open positions' });
  });

  it.each(['0', '-1', '1e3', 'all', '', '0.0', 'NaN'])('to close %j of a position is refused before the bot hears of it', async (qty) => {
    expect(await api.post<Problem>('/api/v1/positions/BTCUSDT/close', { qty })).toMatchObject({ status: 400, json: { code: 30004, errors: [{ field: 'qty' }] } });
  });

  it('for a symbol that is none is refused', async () => {
    expect((await api.post<Problem>('/api/v1/positions/btc%20usdt/close')).status).toBe(400);
  });
});

describe('an order that no worker answers', () => {
  it('is kept by Temporal and reaches the bot when a worker is back', async () => {
    await api.stage.stopWorkers();
    const queued = await api.post<OrderReply>('/api/v1/strategies/mean_reversion_btc/disable', { reason: 'queued one' });
    expect(queued).toMatchObject({ status: 202, json: { state: null, changed: null, watch: [] } });
    await api.stage.startWorkers();
    await expect.poll(async () => (await lastOrder())?.reason, { timeout: 20_000 }).toBe('queued one');
  });
});

describe('stop-all-trading', () => {
  afterEach(async () => {
    const held = await api.latch.read();
    if (held !== null) await api.latch.clear(held.haltId);
  });

  it('sets the latch, starts the shutdown, and says where to watch it', async () => {
    const { status, json } = await api.post<Halted>('/api/v1/emergency/stop-all-trading', { reason: 'smoke' });
    const halted = emergencyStopSchema.parse(json);
    expect({ status, ...halted }).toMatchObject({ status: 202, latch: 'set', halted: true, audit: 'recorded', watch: [{ workflow_id: api.emergencyWorkflowId }] });
    expect(await api.latch.read()).toMatchObject({ haltId: halted.halt_id, reason: 'smoke', actor: 'operator' });
    const watched = workflowSchema.parse((await api.ask(halted.watch[0]?.api ?? '')).json);
    expect(watched).toMatchObject({ type: 'emergencyShutdown', status: 'running', progress: { steps: [{ name: 'set the latch', state: 'done', result: halted.halt_id }], outcome: null } });
  });

  it('called again takes up the same halt', async () => {
    const first = await api.post<Halted>('/api/v1/emergency/stop-all-trading');
    const second = await api.post<Halted>('/api/v1/emergency/stop-all-trading');
    expect(second).toMatchObject({ status: 202, json: { halt_id: first.json.halt_id, latch: 'set already', halted: true } });
  });

  it('answers 202 with Temporal away: the latch holds, and the reply says what is not done', async () => {
    const connection = openTemporalConnection('127.0.0.1:1');
    const client = new Client({ connection });
    const alone = await api.beside({ workflows: createWorkflowDesk({ client }), bot: createBotClient({ client }) });
    try {
      const { status, json } = await alone.ask<Halted>('/api/v1/emergency/stop-all-trading', { method: 'POST' });
      expect({ status, ...json }).toMatchObject({ status: 202, latch: 'set', halted: false, detail: expect.stringContaining('open orders are NOT cancelled') as string });
      expect(await api.latch.read()).toMatchObject({ haltId: json.halt_id });
    } finally {
      await alone.close();
      await connection.close();
    }
  });

  it('with the database away as well still sets the latch, in the file', async () => {
    const alone = await api.beside({ ledger: () => Promise.reject(new BotError(10003, 'the database does not answer')) });
    try {
      const { status, json } = await alone.ask<Halted>('/api/v1/emergency/stop-all-trading', { method: 'POST' });
      expect({ status, ...json }).toMatchObject({ status: 202, latch: 'set', audit: 'missing' });
    } finally {
      await alone.close();
    }
  });

  it('says loudly when nothing could be halted', async () => {
    const connection = openTemporalConnection('127.0.0.1:1');
    const broken = (): Promise<never> => Promise.reject(new BotError(10007, 'the latch cannot be written'));
    const alone = await api.beside({ workflows: createWorkflowDesk({ client: new Client({ connection }) }), latch: { read: broken, set: broken, clear: broken } });
    try {
      const { status, json } = await alone.refused('/api/v1/emergency/stop-all-trading', { method: 'POST' });
      expect({ status, code: json.code, detail: json.detail }).toMatchObject({ status: 503, code: 10009, detail: expect.stringContaining('NOTHING was halted') as string });
    } finally {
      await alone.close();
      await connection.close();
    }
  });

  it('that finds an unreadable latch file counts it as set and writes its own halt over it', async () => {
    await writeFile(path.join(api.dataDir, 'emergency-latch.json'), 'not json');
    const { json } = await api.post<Halted>('/api/v1/emergency/stop-all-trading');
    expect((await api.latch.read())?.haltId).toBe(json.halt_id);
  });
});

describe('a workflow', () => {
  it('of the bot tells its status; one that does not exist is not found', async () => {
    expect(workflowSchema.parse((await api.ask(`/api/v1/workflows/${api.stage.feedWorkflowId}`)).json)).toMatchObject({ type: 'heldLease', status: 'running' });
    expect(await api.refused('/api/v1/workflows/trade-nope')).toMatchObject({ status: 404, json: { detail: 'there is no workflow trade-nope' } });
    expect((await api.refused('/api/v1/workflows/a%2Fb')).status).toBe(400);
  });
});

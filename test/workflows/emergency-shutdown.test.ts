import { randomUUID } from 'node:crypto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEmergencyActivities } from '../../activities/emergency/emergency-activities.js';
import { dec } from '../../core/money/decimal.js';
import { haltBotThrough } from '../../workers/bot-halt.js';
import {
  BOT_WORKFLOW_ID, commandUpdate, EMERGENCY_WORKFLOW_ID, EMERGENCY_WORKFLOW_TYPE, MAINTENANCE_QUEUE, progressQuery, type EmergencyRequest, type RunbookProgress,
} from '../../workflows/messages.js';
import { RawClient } from '../contract/simulator/client.js';
import { silentLogger } from '../support/silent-logger.js';
import { startTradingStack, workflowBundle, type TradingStack } from '../support/trading-stack.js';
import { temporalAddress } from '../support/temporal.js';
import { botState, botStatus, eventsWithCode, eventually, positionOn, scriptedTradeId, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 1, 23);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(9)], exitAtMs: [at(8)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(2), at(4), at(6)], exitAtMs: [] };

describe('the emergency stop', () => {
  let stack: TradingStack;
  let raw: RawClient;
  const halts: { stop(): Promise<void> }[] = [];
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  const release = async (haltId: string): Promise<void> => {
    await bot().executeUpdate(commandUpdate, { args: [{ verb: 'release', haltId, requestId: randomUUID(), reason: 'over', actor: 'tester' }] });
    await stack.latch.clear(haltId);
    await bot().executeUpdate('resume', { args: [{ requestId: randomUUID(), reason: 'on', actor: 'tester' }] });
  };
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 41, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH] } });
    raw = new RawClient(stack.simulator.url, stack.simulator.key);
  });
  afterEach(async () => {
    await stack.clearFaults();
    for (const worker of halts.splice(0)) await worker.stop();
  });
  afterAll(() => stack.stop());

  const begin = (request: EmergencyRequest) => stack.client.workflow.start(EMERGENCY_WORKFLOW_TYPE, {
    taskQueue: MAINTENANCE_QUEUE, workflowId: EMERGENCY_WORKFLOW_ID, workflowIdConflictPolicy: 'USE_EXISTING', args: [request],
  });
  const requestOf = (haltId: string): EmergencyRequest => ({ haltId, atMs: Date.now(), reason: 'storm', actor: 'tester' });

  it('lets no entry pass while the latch is set, although the bot was not told; the bot obeys the latch at its next candle', async () => {
    await stack.replayUntil(at(1));
    const latch = { haltId: 'h-1', atMs: Date.now(), reason: 'storm', actor: 'tester' };
    await stack.latch.set(latch);
    await stack.replayUntil(at(2));
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'stopped', reason: expect.stringContaining('h-1') });
    expect((await botState(stack)).halt).toMatchObject({ haltId: 'h-1' });
    await eventually(async () => expect(await eventsWithCode(stack, 10009)).toHaveLength(1));
    expect(await stack.ledger.trade(scriptedTradeId(ETH, at(2)))).toBeNull();
    await release('h-1');
    expect((await botStatus(stack)).lifecycle).toBe('running');
  });

  it('refuses an entry at its very send when the latch was set after the decision (10009)', async () => {
    await stack.simulate('faults', { rules: [{ kind: 'delayReply', endpoint: '/v5/position/set-leverage', delayMs: 1_500 }] });
    const replayed = stack.replayUntil(at(4));
    await eventually(async () => expect((await tradeRow(stack, scriptedTradeId(ETH, at(4)))).state).toBe('intended'));
    await stack.latch.set({ haltId: 'h-2', atMs: Date.now(), reason: 'storm', actor: 'tester' });
    await replayed;
    expect(await tradeRow(stack, scriptedTradeId(ETH, at(4)))).toMatchObject({ state: 'failed', errorCode: 10009, errorMessage: expect.stringContaining('h-2') });
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    await stack.replayUntil(at(5));
    await release('h-2');
  });

  it('sets the latch, halts the bot, cancels what could increase risk and nothing else, asks twice, records; it survives the death of its worker', async () => {
    const { stopLoss, size } = await onBtc();
    await place({ side: 'Buy', orderType: 'Limit', qty: '0.01', price: '1000', orderLinkId: 'resting-entry' });
    await place({ side: 'Buy', orderType: 'Market', qty: '0.01', triggerPrice: '900000', triggerDirection: 1, orderLinkId: 'conditional-entry' });
    await place({ side: 'Sell', orderType: 'Limit', qty: '0.001', price: '900000', reduceOnly: true, orderLinkId: 'own-target' });
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/order/cancel', retCode: 10016, retMsg: 'Internal server error', limit: 1 }] });

    const shutdown = await begin(requestOf('h-3'));
    expect(await begin(requestOf('h-4'))).toMatchObject({ workflowId: shutdown.workflowId });
    const first = await maintenanceWorker();
    await eventually(async () => expect((await shutdown.query<RunbookProgress>(progressQuery)).steps[0]).toMatchObject({ name: 'latch', state: 'done' }));
    await first.stop();
    halts.push(await maintenanceWorker());

    const result = (await shutdown.result()) as RunbookProgress;
    expect(result.steps.map(({ name, state }) => [name, state])).toEqual([['latch', 'done'], ['halt', 'done'], ['cancel', 'done'], ['verify', 'done'], ['record', 'done']]);
    expect(result.outcome).toContain(`Buy ${size} BTCUSDT, stop ${stopLoss}`);
    expect(await stack.latch.read()).toMatchObject({ haltId: 'h-3' });
    expect((await botState(stack)).halt).toMatchObject({ haltId: 'h-3' });
    expect((await stack.exchange.openOrders()).map(({ orderLinkId, stopOrderType }) => orderLinkId || stopOrderType).sort()).toEqual(['StopLoss', 'own-target']);
    expect(await onBtc()).toMatchObject({ stopLoss, size });
    expect((await eventsWithCode(stack, 10009)).filter(({ source }) => source === 'emergency-shutdown')).toHaveLength(1);
  });

  it('goes on with everything else while the ledger is away, and records when it is back', async () => {
    await stack.latch.clear('h-3');
    halts.push(await maintenanceWorker());
    stack.databaseLink.cut();
    const shutdown = await begin(requestOf('h-5'));
    await eventually(async () => {
      const { steps } = await shutdown.query<RunbookProgress>(progressQuery);
      expect(steps.filter(({ state }) => state === 'done').map(({ name }) => name)).toEqual(['latch', 'halt', 'cancel', 'verify']);
      expect(steps.at(-1)).toMatchObject({ name: 'record', state: 'failed' });
    });
    stack.databaseLink.mend();
    await shutdown.result();
    expect(await stack.database.query(`select 1 from events where event_id = 'emergency-h-5'`)).toHaveLength(1);
  });

  async function onBtc() {
    const position = await positionOn(stack, 'BTCUSDT');
    if (!position || dec(position.size).isZero()) throw new Error('the test needs a position in BTCUSDT');
    return position;
  }

  async function place(params: Record<string, unknown>): Promise<void> {
    const answer = await raw.order({ timeInForce: 'GTC', ...params });
    expect(answer.retMsg).toBe('OK');
  }

  /** What the maintenance process runs, on the stack's own ledger and exchange. */
  async function maintenanceWorker(): Promise<{ stop(): Promise<void> }> {
    const connection = await NativeConnection.connect({ address: temporalAddress() });
    const worker = await Worker.create({
      connection, namespace: stack.namespace, taskQueue: MAINTENANCE_QUEUE, workflowBundle: await workflowBundle(), stickyQueueScheduleToStartTimeout: 1_000,
      activities: createEmergencyActivities({
        exchange: stack.exchange, ledger: () => Promise.resolve(stack.workerLedger), latch: stack.latch, haltBot: haltBotThrough(stack.client), recvWindowMs: 200, logger: silentLogger,
      }),
    });
    const running = worker.run();
    return {
      stop: async () => {
        worker.shutdown();
        await running;
        await connection.close();
      },
    };
  }
});

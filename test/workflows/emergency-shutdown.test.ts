import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTwilioSms } from '../../adapters/notifications/twilio.js';
import { createWebhook } from '../../adapters/notifications/webhook.js';
import type { PlanOnTheWire, RunOnTheWire } from '../../api/runbook-schema.js';
import { dec } from '../../core/money/decimal.js';
import { EMERGENCY_STEPS as STEPS } from '../../core/runbooks/emergency-shutdown.js';
import { BOT_WORKFLOW_ID, commandUpdate } from '../../workflows/messages.js';
import { RawClient } from '../contract/simulator/client.js';
import { endedRun, liveRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { startTwilioServer, TWILIO_ACCOUNT, type TwilioServer } from '../support/twilio-server.js';
import { botState, botStatus, eventsWithCode, eventually, positionOn, scriptedTradeId, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 1, 23);
const CANDLE_MS = 300_000;
const TIMEOUT_MS = 60_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(9)], exitAtMs: [at(8)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(2), at(4), at(6)], exitAtMs: [] };
const STOP_ALL = '/api/v1/emergency/stop-all-trading';
const RELEASE = '/api/v1/runbooks/releaseEmergency';

describe('the emergency stop', { timeout: TIMEOUT_MS }, () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let twilio: TwilioServer;
  let raw: RawClient;
  beforeAll(async () => {
    twilio = await startTwilioServer();
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 41, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH] } });
    stage = await setRunbookStage({
      stack, ledger: () => Promise.resolve(stack.workerLedger),
      channels: [createTwilioSms({ ...TWILIO_ACCOUNT, baseUrl: twilio.url }), createWebhook({ url: `${twilio.url}/hook` })],
    });
    raw = new RawClient(stack.simulator.url, stack.simulator.key);
  }, TIMEOUT_MS);
  afterEach(() => stack.clearFaults());
  afterAll(async () => {
    await stage.close();
    await stack.stop();
    await twilio.close();
  });

  it('lets no entry pass while the latch is set, although the bot was not told; the bot obeys the latch at its next candle', async () => {
    await stack.replayUntil(at(1));
    await stack.latch.set({ haltId: 'h-1', atMs: Date.now(), reason: 'storm', actor: 'tester' });
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

  it('halts, cancels what could increase risk and nothing else, asks twice, saves, notifies, records; it survives the death of its worker', async () => {
    const { stopLoss, size } = await onBtc();
    await place({ side: 'Buy', orderType: 'Limit', qty: '0.01', price: '1000', orderLinkId: 'resting-entry' });
    await place({ side: 'Buy', orderType: 'Market', qty: '0.01', triggerPrice: '900000', triggerDirection: 1, orderLinkId: 'conditional-entry' });
    await place({ side: 'Sell', orderType: 'Limit', qty: '0.001', price: '900000', reduceOnly: true, orderLinkId: 'own-target' });
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/order/cancel', retCode: 10016, retMsg: 'Internal server error', limit: 3 }] });

    const id = await startedRun(stage, STOP_ALL, { reason: 'storm' });
    expect(await startedRun(stage, STOP_ALL, { reason: 'again' })).toBe(id);
    await eventually(async () => expect(stepOf(await liveRun(stage, id), STEPS.halt)).toMatchObject({ state: 'done' }));
    await stage.stopWorker();
    await stage.startWorker();

    const run = await endedRun(stage, id);
    const { json: { latch } } = await stage.ask<{ latch: { halt_id: string; reason: string } }>('/api/v1/emergency');
    expect(latch).toMatchObject({ halt_id: run.figures['haltId'], reason: 'storm' });
    expect(run).toMatchObject({ state: 'completed', runbook: 'emergencyShutdown', outcome: expect.stringContaining(`Buy ${size} BTCUSDT, stop ${stopLoss}`) });
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual(Object.values(STEPS).map((name) => [name, 'done']));
    expect(run.remaining.join('\n')).toMatch(/disable all API keys[^]*npx bot release halt-/);
    expect((await botState(stack)).halt).toMatchObject({ haltId: latch.halt_id });
    expect((await stack.exchange.openOrders()).map(({ orderLinkId, stopOrderType }) => orderLinkId || stopOrderType).sort()).toEqual(['StopLoss', 'own-target']);
    expect(await onBtc()).toMatchObject({ stopLoss, size });
    expect((await eventsWithCode(stack, 10009)).filter(({ source }) => source === 'emergency-shutdown')).toHaveLength(1);
    expect(twilio.messages.map(({ to }) => to)).toEqual([TWILIO_ACCOUNT.to, TWILIO_ACCOUNT.to]);
    expect(twilio.messages[0]?.body).toContain('TRADING BOT EMERGENCY SHUTDOWN ACTIVATED');
    expect(twilio.hooks).toHaveLength(2);
  });

  it('is released only by a confirmed plan of that very halt, after exchange, ledger and bot were compared', async () => {
    const { haltId } = await held();
    expect((await planRelease('halt-other')).refusals).toEqual([expect.stringContaining(`the halt in force is ${haltId}`)]);
    expect(await stage.post(RELEASE, { params: { halt_id: haltId }, reason: 'calm' })).toMatchObject({ status: 409, text: expect.stringContaining('plan_id is missing') });
    expect(await held()).toMatchObject({ haltId });

    expect((await planRelease(haltId)).warnings.join('\n')).toContain('open: Buy');
    expect(await runRelease(haltId)).toMatchObject({ state: 'failed', outcome: expect.stringContaining('own-target') });
    expect(await held()).toMatchObject({ haltId });
    await stack.exchange.cancelOrder({ symbol: 'BTCUSDT', orderId: String((await stack.exchange.openOrders()).find(({ orderLinkId }) => orderLinkId === 'own-target')?.orderId) });
    expect(await runRelease(haltId)).toMatchObject({ state: 'completed', steps: [{ state: 'done' }, { state: 'done' }, { state: 'done' }, { state: 'done' }] });
    expect(await stack.latch.read()).toBeNull();
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: expect.stringContaining('calm') });
    expect((await planRelease(haltId)).refusals).toEqual([expect.stringContaining('no emergency stop is in force')]);
  });

  it('closes everything when it is asked to while it runs, with failing requests, partial fills and a worker that dies; no quantity is closed twice', async () => {
    await place({ symbol: 'SOLUSDT', side: 'Buy', qty: '40' });
    await place({ symbol: 'ETHUSDT', side: 'Sell', qty: '1.5' });
    await stack.simulate('faults', { seed: 5, rules: [
      { kind: 'partialFills', maxParts: 4, cancelRemainder: true, limit: 2 },
      { kind: 'dropReply', endpoint: '/v5/order/create', every: 2, executed: true },
      { kind: 'httpStatus', endpoint: '/v5/position/list', status: 503, every: 3 },
    ] });
    const id = await startedRun(stage, STOP_ALL, { reason: 'storm' });
    expect(await startedRun(stage, STOP_ALL, { reason: 'flat, please', close_positions: true })).toBe(id);
    await stage.stopWorker();
    await stage.startWorker();
    const run = await endedRun(stage, id);
    expect(run).toMatchObject({ state: 'completed', outcome: expect.stringContaining('no position is open') });
    expect(run.figures['secondsToFlat']).toBeGreaterThanOrEqual(0);
    await stack.clearFaults();
    expect((await stack.exchange.positions()).filter(({ size }) => !dec(size).isZero())).toEqual([]);
    expect(await stack.exchange.openOrders()).toEqual([]);
    await stack.dealtWith(at(5));
    await eventually(async () => expect((await tradeRow(stack, scriptedTradeId(BTC, at(1)))).state).toBe('closed'));
    await release((await held()).haltId);
  });

  it('goes on with everything else while the ledger is away, and records when it is back', async () => {
    stack.databaseLink.cut();
    const id = await startedRun(stage, STOP_ALL, { reason: 'storm' });
    await eventually(async () => expect(stepOf(await liveRun(stage, id), STEPS.verify)).toMatchObject({ state: 'done' }));
    const { haltId } = await stack.latch.read() ?? {};
    stack.databaseLink.mend();
    expect(await endedRun(stage, id)).toMatchObject({ state: 'completed' });
    await eventually(async () => expect(await stack.database.query('select 1 from events where event_id = $1', [`emergency-${haltId}`])).toHaveLength(1));
    await release(String(haltId));
  });

  it('that nobody can be told of says so to whoever watches, and in the ledger', async () => {
    twilio.refuse(...Array.from({ length: 40 }, () => ({ status: 400, code: 21211 })));
    const run = await endedRun(stage, await startedRun(stage, STOP_ALL, { reason: 'storm' }));
    expect(run.remaining).toContain('nobody was notified: call those who have to know');
    expect((await eventsWithCode(stack, 10009)).filter(({ message }) => message.includes('nobody was notified'))).toHaveLength(2);
    await release((await held()).haltId);
  });

  function stepOf(run: RunOnTheWire, name: string) {
    return run.steps.find((step) => step.name === name);
  }

  async function planRelease(haltId: string): Promise<PlanOnTheWire> {
    return (await stage.post<PlanOnTheWire>(`${RELEASE}/plan`, { params: { halt_id: haltId } })).json;
  }

  async function runRelease(haltId: string): Promise<RunOnTheWire> {
    const { plan_id: planId } = await planRelease(haltId);
    return endedRun(stage, await startedRun(stage, RELEASE, { params: { halt_id: haltId }, plan_id: planId, reason: 'calm' }));
  }

  async function held() {
    const latch = await stack.latch.read();
    if (latch === null) throw new Error('the test needs a latch that is set');
    return latch;
  }

  /** Short of the runbook: the halt of one test must not reach the next. */
  async function release(haltId: string): Promise<void> {
    const bot = stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
    await bot.executeUpdate(commandUpdate, { args: [{ verb: 'release', haltId, requestId: randomUUID(), reason: 'over', actor: 'tester' }] });
    await stack.latch.clear(haltId);
    await bot.executeUpdate('resume', { args: [{ requestId: randomUUID(), reason: 'on', actor: 'tester' }] });
  }

  async function onBtc() {
    const position = await positionOn(stack, 'BTCUSDT');
    if (!position || dec(position.size).isZero()) throw new Error('the test needs a position in BTCUSDT');
    return position;
  }

  async function place(params: Record<string, unknown>): Promise<void> {
    const answer = await raw.order({ timeInForce: 'GTC', ...params });
    expect(answer.retMsg).toBe('OK');
  }
});

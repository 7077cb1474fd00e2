import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BOT_WORKFLOW_ID, pauseSignal, pauseUpdate, resumeUpdate, stopSignal, stopUpdate, strategiesQuery, tradeWorkflowId, type CommandRequest,
} from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botState, botStatus, eventually, fillBotHistory, positionOn, scriptedTradeId, tradeHandle, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 1, 2);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(3), at(5), at(8), at(10)], exitAtMs: [at(2), at(4), at(6), at(7), at(9), at(11)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(1), at(6)], exitAtMs: [] };
const request = (reason: string): CommandRequest => ({ requestId: randomUUID(), reason, actor: 'test' });

describe('the bot, over its whole life on one account', () => {
  let stack: TradingStack;
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 12, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH], trading: { max_positions: 1 } } });
  });
  afterAll(() => stack.stop());

  it('lets one of two strategies in when both signal at one candle and the limit is one position', async () => {
    await stack.replayUntil(at(1));
    expect((await botStatus(stack)).openTrades).toMatchObject([{ symbol: 'BTCUSDT', state: 'open' }]);
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    const [, eth] = await bot().query(strategiesQuery);
    expect(eth).toMatchObject({ name: ETH.name, lastSignal: 'enter', verdict: expect.stringMatching(/position/) as string });
  });

  it('makes no entry while it is paused, but exits', async () => {
    expect(await bot().executeUpdate(pauseUpdate, { args: [request('lunch')] })).toMatchObject({ lifecycle: 'paused', changed: true });
    await stack.replayUntil(at(3));
    expect(await tradeRow(stack, scriptedTradeId(BTC, at(1)))).toMatchObject({ state: 'closed', exitReason: 'signal' });
    expect(await stack.ledger.trade(scriptedTradeId(BTC, at(3)))).toBeNull();
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', tradingActive: false, reason: 'lunch (test)', openTrades: [] });
  });

  it('takes the same request twice as one command, and its first answer stays', async () => {
    const resume = request('back');
    const first = await bot().executeUpdate(resumeUpdate, { args: [resume] });
    await bot().executeUpdate(pauseUpdate, { args: [request('and away')] });
    expect(first).toMatchObject({ lifecycle: 'running', changed: true });
    expect(await bot().executeUpdate(resumeUpdate, { args: [resume] })).toEqual(first);
    expect((await botStatus(stack)).lifecycle).toBe('paused');
    expect(await bot().executeUpdate(pauseUpdate, { args: [request('again')] })).toMatchObject({ lifecycle: 'paused', changed: false });
  });

  it('obeys a signal as it does an update; while it is stopped, a position stays under its exchange-side stop', async () => {
    await bot().executeUpdate(resumeUpdate, { args: [request('trade')] });
    await stack.replayUntil(at(5));
    await bot().signal(stopSignal, request('storm'));
    await eventually(async () => expect((await botStatus(stack)).lifecycle).toBe('stopped'));
    await stack.replayUntil(at(6));
    const { stopLoss } = await tradeRow(stack, scriptedTradeId(BTC, at(5)));
    expect(await positionOn(stack, 'BTCUSDT')).toMatchObject({ stopLoss });
    await bot().signal(pauseSignal);
    await eventually(async () => expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: 'signal without a reason (Temporal signal)' }));
  });

  it('carries lifecycle, commands, risk and open trades into the next run when its history is full', async () => {
    const pause = request('before the cut');
    await bot().executeUpdate(pauseUpdate, { args: [pause] });
    const before = await botState(stack);
    expect(before.trades).toHaveLength(1);

    await fillBotHistory(stack);
    const after = await eventually(() => botState(stack));
    expect(after).toMatchObject({ lifecycle: 'paused', runs: before.runs + 1, decidedThroughMs: at(6), trades: before.trades, risk: before.risk, commands: before.commands });
    expect(await bot().executeUpdate(pauseUpdate, { args: [pause] })).toMatchObject({ lifecycle: 'paused', changed: false });
    expect((await botState(stack)).commands).toEqual(before.commands);

    await stack.replayUntil(at(7));
    expect(await tradeHandle(stack, scriptedTradeId(BTC, at(5))).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
  });

  it('takes a trade up again whose workflow was lost, with the exit that could not be told', async () => {
    await bot().executeUpdate(resumeUpdate, { args: [request('on')] });
    await stack.replayUntil(at(8));
    const tradeId = scriptedTradeId(BTC, at(8));
    await tradeHandle(stack, tradeId).terminate('lost');
    await stack.replayUntil(at(9));
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
    expect(await positionOn(stack, 'BTCUSDT')).toBeUndefined();
  });

  it('is rebuilt from the ledger with its trades when Temporal has lost everything', async () => {
    await stack.replayUntil(at(10));
    const tradeId = scriptedTradeId(BTC, at(10));
    await bot().executeUpdate(pauseUpdate, { args: [request('before the loss')] });
    const before = await eventually(async () => {
      const state = await botState(stack);
      expect(await stack.ledger.state('trading-bot')).toMatchObject({ lifecycle: 'paused', reason: state.reason, risk: state.risk });
      return state;
    });
    for (const lost of [BOT_WORKFLOW_ID, tradeWorkflowId(tradeId)]) await stack.client.workflow.getHandle(lost).terminate('lost');

    await stack.startEntities();
    await eventually(async () => expect(await botState(stack)).toMatchObject({
      lifecycle: 'paused', reason: before.reason, risk: before.risk, decidedThroughMs: at(10), trades: [{ tradeId, state: 'open' }], runs: 1,
    }));
    await eventually(async () => expect((await tradeHandle(stack, tradeId).describe()).status.name).toBe('RUNNING'));

    await stack.replayUntil(at(11));
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
    await stack.replayUntil(at(12));
    expect((await stack.check()).findings).toEqual([]);
    expect(await bot().executeUpdate(stopUpdate, { args: [request('good night')] })).toMatchObject({ lifecycle: 'stopped', changed: true });
  });
});

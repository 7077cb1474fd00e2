import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderLinkIdFor } from '../../core/orders/ids.js';
import { dec, toDecimalString } from '../../core/money/decimal.js';
import type { ApprovedEntry } from '../../core/orders/approved-order.js';
import { BOT_WORKFLOW_ID, commandSignal, commandUpdate, pauseUpdate, riskQuery, strategiesQuery, tradeWorkflowId, type BotCommand, type BotOrder, type CommandResult } from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botState, botStatus, eventually, positionOn, scriptedTradeId, tradeHandle, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 1, 9);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(4), at(8)], exitAtMs: [at(3)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(1), at(4), at(6), at(8)], exitAtMs: [] };

describe('a bot that is ordered about', () => {
  let stack: TradingStack;
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  const command = (order: BotOrder, requestId: string = randomUUID()): BotCommand => ({ ...order, requestId, reason: 'test', actor: 'tester' });
  const obey = (order: BotOrder, requestId?: string): Promise<CommandResult> => bot().executeUpdate(commandUpdate, { args: [command(order, requestId)] });
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 21, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH] } });
  });
  afterAll(() => stack.stop());

  it('closes a part of a position: the trade stays open with the rest, under a stop of the rest, in bot, ledger and exchange', async () => {
    await stack.replayUntil(at(1));
    const tradeId = scriptedTradeId(ETH, at(1));
    const before = await tradeRow(stack, tradeId);
    const part = toDecimalString(dec(before.qty).div(2).toDecimalPlaces(2));
    const rest = toDecimalString(dec(before.qty).minus(dec(part)));
    const exposed = (await botState(stack)).risk.exposures[tradeId];

    const request = randomUUID();
    const result = await obey({ verb: 'close_position', symbol: 'ETHUSDT', qty: part }, request);
    expect(result).toMatchObject({ changed: true, workflowIds: [tradeWorkflowId(tradeId)] });
    expect(await obey({ verb: 'close_position', symbol: 'ETHUSDT', qty: part }, request)).toEqual(result);
    await bot().signal(commandSignal, command({ verb: 'close_position', symbol: 'ETHUSDT', qty: part }, request));

    await eventually(async () => expect((await botState(stack)).trades.find((trade) => trade.tradeId === tradeId)).toMatchObject({ qty: rest, state: 'open' }));
    expect(await positionOn(stack, 'ETHUSDT')).toMatchObject({ size: rest, stopLoss: before.stopLoss });
    await eventually(async () => expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'open', qty: rest, exitReason: null }));
    expect(dec((await botState(stack)).risk.exposures[tradeId]?.notional ?? toDecimalString('0')).lt(dec(exposed?.notional ?? toDecimalString('0')))).toBe(true);
    expect((await stack.exchange.openOrders()).filter(({ symbol, stopOrderType }) => symbol === 'ETHUSDT' && stopOrderType === 'StopLoss')).toHaveLength(1);
    await stack.replayUntil(at(2));
    expect((await botStatus(stack)).blockedBecause).toBeUndefined();
    expect((await stack.check()).findings).toEqual([]);
  });

  it('sums a trade up over its parts', async () => {
    const tradeId = scriptedTradeId(ETH, at(1));
    const { qty } = await tradeRow(stack, tradeId);
    const whole = await stack.exchange.findOrder({ symbol: 'ETHUSDT', orderLinkId: orderLinkIdFor(tradeId, 'entry', 0) });
    expect(await obey({ verb: 'close_position', symbol: 'ETHUSDT', qty })).toMatchObject({ changed: true });
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'operator', qty: whole?.cumExecQty });
    expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'closed', qty: whole?.cumExecQty, exitReason: 'operator' });
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    await stack.replayUntil(at(3));
    expect((await stack.check()).findings).toEqual([]);
  });

  it('refuses what cannot be closed, with the code', async () => {
    await expect(obey({ verb: 'close_position', symbol: 'XRPUSDT', qty: null })).rejects.toMatchObject({ cause: { type: 'BotError', details: [{ code: 20002 }] } });
    await stack.replayUntil(at(4));
    const { size } = (await positionOn(stack, 'BTCUSDT')) ?? { size: toDecimalString('0') };
    for (const qty of ['-1', '0', dec(size).plus(1).toFixed(), '0.0000001']) {
      await expect(obey({ verb: 'close_position', symbol: 'BTCUSDT', qty: toDecimalString(qty) })).rejects.toMatchObject({ cause: { details: [{ code: 20003, fix: expect.any(String) }] } });
    }
    expect(await positionOn(stack, 'BTCUSDT')).toMatchObject({ size });
  });

  it('closes everything, a position that no trade holds included, through a workflow of its own', async () => {
    await openByHand(stack, 'SOLUSDT');
    await stack.advanceTo(at(5));
    await eventually(async () => expect((await botStatus(stack)).blockedBecause).toContain('SOLUSDT position_unknown'));
    const result = await obey({ verb: 'close_all' });
    expect(result.workflowIds).toHaveLength(3);
    for (const workflowId of result.workflowIds) await stack.client.workflow.getHandle(workflowId).result();
    expect(await stack.exchange.positions()).toEqual([]);
    expect(await obey({ verb: 'close_all' })).toMatchObject({ changed: false, detail: 'nothing is open', workflowIds: [] });
    await stack.dealtWith(at(5));
    await stack.replayUntil(at(6));
    expect((await botStatus(stack)).blockedBecause).toBeUndefined();
    expect(await stack.database.query(`select message from events where message like 'Position in SOLUSDT%'`)).toHaveLength(1);
  });

  it('makes no entry for a disabled strategy, over a lost history, until it is enabled', async () => {
    await eventually(async () => expect((await botStatus(stack)).openTrades).toMatchObject([{ strategy: ETH.name, state: 'open' }]));
    await obey({ verb: 'disable_strategy', strategy: BTC.name });
    await eventually(async () => expect(await stack.ledger.state('trading-bot')).toMatchObject({ overrides: { [BTC.name]: false } }));
    await bot().terminate('lost');
    await stack.startEntities();
    await eventually(async () => expect(await bot().query(strategiesQuery)).toContainEqual(expect.objectContaining({ name: BTC.name, enabled: false, enabledBy: 'operator' })));
    await obey({ verb: 'close_position', symbol: 'ETHUSDT', qty: null });
    await stack.replayUntil(at(8));
    expect((await botStatus(stack)).openTrades).toMatchObject([{ strategy: ETH.name }]);
    expect((await bot().query(riskQuery)).strategies.find(({ strategy }) => strategy === BTC.name)).toMatchObject({ enabled: false, mayTrade: false });
    expect(await obey({ verb: 'enable_strategy', strategy: BTC.name })).toMatchObject({ changed: true });
  });

  it('measures every step of an entry', async () => {
    const { timings } = await tradeRow(stack, scriptedTradeId(ETH, at(8)));
    const { receivedAtMs, decidedAtMs, sentAtMs, acknowledgedAtMs, filledAtMs } = timings ?? {};
    const steps = [receivedAtMs, decidedAtMs, sentAtMs, acknowledgedAtMs, filledAtMs].map(Number);
    expect(timings?.candleCloseMs).toBe(at(8));
    expect(steps.every((step) => step > 1_700_000_000_000)).toBe(true);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('reads the candles of a restarted strategy anew, once', async () => {
    await obey({ verb: 'restart_strategies', strategies: [] });
    expect((await botState(stack)).forget).toEqual([BTC.name, ETH.name]);
    await stack.replayUntil(at(9));
    expect((await botState(stack)).forget).toEqual([]);
  });

  it('is halted by a command, keeps its stops, and is released only by the same halt while exchange and bot agree; then it is paused', async () => {
    expect(await obey({ verb: 'halt', haltId: 'h-1' })).toMatchObject({ lifecycle: 'stopped', changed: true });
    expect((await positionOn(stack, 'ETHUSDT'))?.stopLoss).not.toBe('0');
    await expect(obey({ verb: 'release', haltId: 'h-2' })).rejects.toMatchObject({ cause: { details: [{ code: 10009 }] } });
    await openByHand(stack, 'SOLUSDT');
    await expect(obey({ verb: 'release', haltId: 'h-1' })).rejects.toMatchObject({ cause: { details: [{ code: 20009, message: expect.stringContaining('SOLUSDT') }] } });
    const [closing] = (await obey({ verb: 'close_position', symbol: 'SOLUSDT', qty: null })).workflowIds;
    await stack.client.workflow.getHandle(closing ?? '').result();
    // as when the first one's answer was not waited for
    const both = await Promise.all([obey({ verb: 'release', haltId: 'h-1' }), obey({ verb: 'release', haltId: 'h-1' })]);
    expect(both.map(({ lifecycle }) => lifecycle)).toEqual(['paused', 'paused']);
    expect(both.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await bot().executeUpdate(pauseUpdate, { args: [{ requestId: randomUUID(), reason: 'again', actor: 'tester' }] })).toMatchObject({ changed: false });
  });

  it('survives a signal that nobody can read', async () => {
    await bot().signal('command', 'dance');
    await bot().signal('pause', 'not a request');
    await stack.replayUntil(at(10));
    expect((await botStatus(stack)).decidedThroughMs).toBe(at(10));
  });

  it('leaves a ledger that equals the exchange’s own book', async () => {
    await obey({ verb: 'close_all' });
    await eventually(async () => expect((await botStatus(stack)).openTrades).toEqual([]));
    await stack.replayUntil(at(11));
    expect((await stack.check()).findings).toEqual([]);
  });
});

/** As an operator would in the exchange's own app: with a stop, and without an id of ours. */
async function openByHand(stack: TradingStack, symbol: string): Promise<void> {
  const [{ lastPrice } = { lastPrice: toDecimalString('100') }] = await stack.exchange.tickers([symbol]);
  const order = {
    kind: 'entry', orderLinkId: '', tradeId: 'hand', symbol, side: 'Buy', qty: toDecimalString('1'), leverage: toDecimalString('2'),
    stopLoss: toDecimalString(dec(lastPrice).times('0.9').toDecimalPlaces(2)),
  };
  await stack.exchange.submitOrder(order as unknown as ApprovedEntry);
  await eventually(async () => expect(await positionOn(stack, symbol)).toBeDefined());
}

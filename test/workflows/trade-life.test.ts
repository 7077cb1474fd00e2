import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { orderLinkIdFor } from '../../core/orders/ids.js';
import { toDecimalString } from '../../core/money/decimal.js';
import { exitTradeSignal, inspectTradeSignal, tradeStateQuery, tradeWorkflowId } from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botState, botStatus, eventsWithCode, eventually, fillHistory, positionOn, scriptedTradeId, tradeHandle, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(2)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(3), at(6), at(7), at(11)], exitAtMs: [at(8), at(12)] };
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', enterAtMs: [at(4), at(5), at(9), at(11), at(13)], exitAtMs: [at(10), at(12), at(14)] };
const COOLDOWN_MS = 3_600_000;

describe('the life of a trade', () => {
  let stack: TradingStack;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 11, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH, SOL] } });
  });
  afterAll(() => stack.stop());
  afterEach(() => stack.clearFaults());

  it('ends as failed, with the code, when the exchange refuses the entry, and frees its room', async () => {
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/order/create', retCode: 110007, retMsg: 'ab not enough for new order' }] });
    await stack.replayUntil(at(1));

    const row = await tradeRow(stack, scriptedTradeId(BTC, at(1)));
    expect(row).toMatchObject({ state: 'failed', errorCode: 20001, openedMs: null });
    expect(await tradeHandle(stack, row.tradeId).result()).toMatchObject({ state: 'failed' });
    const { trades, risk } = await botState(stack);
    expect({ trades, exposures: risk.exposures }).toEqual({ trades: [], exposures: {} });
  });

  it('is protected on the exchange before the bot goes on; a stop that is hit ends it and starts the cooldown', async () => {
    await stack.replayUntil(at(2));
    const tradeId = scriptedTradeId(BTC, at(2));
    const open = await tradeRow(stack, tradeId);
    expect(open).toMatchObject({ state: 'open', exitReason: null });
    expect(await positionOn(stack, 'BTCUSDT')).toMatchObject({ size: open.qty, stopLoss: open.stopLoss });

    await stack.simulate('jump', { symbol: 'BTCUSDT', price: String(Math.floor(Number(open.stopLoss) * 0.99)) });
    await eventually(async () => expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'closed', exitReason: 'stop_loss' }));

    const { closedMs } = await tradeRow(stack, tradeId);
    await eventually(async () => expect((await botState(stack)).risk.cooldownUntilMs).toEqual({ BTCUSDT: (closedMs ?? 0) + COOLDOWN_MS }));
    expect((await botStatus(stack)).openTrades).toEqual([]);
  });

  it('is closed by one reduce-only order when an operator asks for it, however often', async () => {
    await stack.replayUntil(at(3));
    const tradeId = scriptedTradeId(ETH, at(3));
    await tradeHandle(stack, tradeId).signal(exitTradeSignal, { requestId: 'by-hand-1', reason: 'operator' });
    await tradeHandle(stack, tradeId).signal(exitTradeSignal, { requestId: 'by-hand-2', reason: 'emergency' });

    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'operator' });
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    const exit = await stack.exchange.findOrder({ symbol: 'ETHUSDT', orderLinkId: orderLinkIdFor(tradeId, 'exit', 0) });
    expect(exit).toMatchObject({ reduceOnly: true, status: 'Filled' });
    expect(await ordersOf(stack, tradeId)).toHaveLength(2);
  });

  it('sets a stop again that was removed behind its back', async () => {
    await stack.replayUntil(at(4));
    const tradeId = scriptedTradeId(SOL, at(4));
    const { stopLoss } = await tradeRow(stack, tradeId);
    await removeStop(stack, 'SOLUSDT');

    await tradeHandle(stack, tradeId).signal(inspectTradeSignal);
    await eventually(async () => expect(await positionOn(stack, 'SOLUSDT')).toMatchObject({ stopLoss }));
    expect((await botStatus(stack)).openTrades).toMatchObject([{ tradeId, state: 'open' }]);
    await leave(stack, tradeId);
  });

  it('closes a position whose stop cannot be set, and says so (20006)', async () => {
    await stack.replayUntil(at(5));
    const tradeId = scriptedTradeId(SOL, at(5));
    await removeStop(stack, 'SOLUSDT');
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/position/trading-stop', retCode: 10001, retMsg: 'StopLoss should lower than base_price' }] });

    await tradeHandle(stack, tradeId).signal(inspectTradeSignal);
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'unprotected' });
    expect(await positionOn(stack, 'SOLUSDT')).toBeUndefined();
    expect(await stack.exchange.findOrder({ symbol: 'SOLUSDT', orderLinkId: orderLinkIdFor(tradeId, 'protect', 0) })).toMatchObject({ reduceOnly: true });
    expect(await eventsWithCode(stack, 20006)).toMatchObject([{ source: `trade-${tradeId}` }]);
  });

  it('exits while PostgreSQL is away, and the ledger catches up', async () => {
    await stack.replayUntil(at(6));
    const tradeId = scriptedTradeId(ETH, at(6));
    stack.databaseLink.cut();
    await tradeHandle(stack, tradeId).signal(exitTradeSignal, { requestId: 'in-the-dark', reason: 'operator' });
    await eventually(async () => expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined());
    expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'open', closedMs: null });

    stack.databaseLink.mend();
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed' });
    expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'closed', exitReason: 'operator' });
    expect((await stack.check()).findings).toEqual([]);
  });

  it('lives with an entry that was filled in part, and with an exit in parts', async () => {
    await stack.simulate('faults', { rules: [{ kind: 'partialFills', limit: 1, maxParts: 3, seed: 5, cancelRemainder: true }] });
    await stack.replayUntil(at(7));
    const tradeId = scriptedTradeId(ETH, at(7));
    const entry = await stack.exchange.findOrder({ symbol: 'ETHUSDT', orderLinkId: orderLinkIdFor(tradeId, 'entry', 0) });
    const open = await tradeRow(stack, tradeId);
    expect(Number(open.qty)).toBeLessThan(Number(entry?.qty));
    expect(open).toMatchObject({ state: 'open', qty: entry?.cumExecQty });
    expect(await positionOn(stack, 'ETHUSDT')).toMatchObject({ size: open.qty, stopLoss: open.stopLoss });

    await stack.simulate('faults', { rules: [{ kind: 'partialFills', maxParts: 3, seed: 9, cancelRemainder: true, limit: 2 }] });
    await stack.replayUntil(at(8));
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
  });

  it('outlives a refusal that no retry can cure, and closes when it is told to', async () => {
    await stack.replayUntil(at(9));
    const tradeId = scriptedTradeId(SOL, at(9));
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/position/list', retCode: 10003, retMsg: 'API key is invalid.', limit: 1 }] });
    await tradeHandle(stack, tradeId).signal(inspectTradeSignal);
    await stack.replayUntil(at(10));
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
  });

  it('sends one order per intent although no order is ever acknowledged', async () => {
    await stack.simulate('faults', { rules: [{ kind: 'dropReply', endpoint: '/v5/order/create' }] });
    await stack.replayUntil(at(12));
    for (const scripted of [ETH, SOL]) {
      const tradeId = scriptedTradeId(scripted, at(11));
      expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
      expect(await ordersOf(stack, tradeId)).toHaveLength(2);
    }
  });

  it('goes on in a new run when its history is full, and closes there', async () => {
    await stack.replayUntil(at(13));
    const tradeId = scriptedTradeId(SOL, at(13));
    await fillHistory(stack, tradeWorkflowId(tradeId), { name: inspectTradeSignal.name, carrying: (filling) => filling });
    expect(await tradeHandle(stack, tradeId).query(tradeStateQuery)).toMatchObject({ tradeId, state: 'open', exitRequested: null });
    await stack.replayUntil(at(14));
    expect(await tradeHandle(stack, tradeId).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
    expect(await ordersOf(stack, tradeId)).toHaveLength(2);
  });

  it('leaves a ledger that equals the exchange’s own book, whatever happened', async () => {
    await stack.replayUntil(at(15));
    expect((await stack.check()).findings).toEqual([]);
    expect((await botStatus(stack)).blockedBecause).toBeUndefined();
  });
});

async function ordersOf(stack: TradingStack, tradeId: string): Promise<string[]> {
  const { orders } = await stack.book();
  return orders.map(({ orderLinkId }) => orderLinkId).filter((id) => id.startsWith(tradeId));
}

function removeStop(stack: TradingStack, symbol: string): Promise<void> {
  return stack.exchange.setProtection({ symbol, stopLoss: toDecimalString('0') });
}

async function leave(stack: TradingStack, tradeId: string): Promise<void> {
  await tradeHandle(stack, tradeId).signal(exitTradeSignal, { requestId: `leave-${tradeId}`, reason: 'operator' });
  await tradeHandle(stack, tradeId).result();
}

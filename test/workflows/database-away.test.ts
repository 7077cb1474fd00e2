/** What the bot does and does not do while PostgreSQL is away, with the whole bot at work. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toDecimalString } from '../../core/money/decimal.js';
import { orderLinkIdFor } from '../../core/orders/ids.js';
import { inspectTradeSignal } from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botStatus, eventually, positionOn, scriptedTradeId, tradeHandle, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1)] };
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', enterAtMs: [at(1)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(3)] };
const TIMEOUT_MS = 60_000;

describe('a bot whose database is away', () => {
  let stack: TradingStack;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 11, stepMs: CANDLE_MS, script: { strategies: [BTC, SOL, ETH] } });
    await stack.replayUntil(at(2));
  }, TIMEOUT_MS);
  afterAll(() => stack.stop());

  it('keeps positions protected, opens nothing, and has the whole ledger level by itself afterwards', async () => {
    const [btc, sol] = [scriptedTradeId(BTC, at(1)), scriptedTradeId(SOL, at(1))];
    const { stopLoss } = await tradeRow(stack, btc);
    const { stopLoss: solStop } = await tradeRow(stack, sol);
    stack.databaseLink.cut();

    await stack.exchange.setProtection({ symbol: 'BTCUSDT', stopLoss: toDecimalString('0') });
    await tradeHandle(stack, btc).signal(inspectTradeSignal);
    await eventually(async () => expect(await positionOn(stack, 'BTCUSDT')).toMatchObject({ stopLoss }));

    await stack.advanceTo(at(3));
    await eventually(async () => expect(await botStatus(stack)).toMatchObject({ tradingActive: false, blockedBecause: expect.stringMatching(/the ledger is behind: (10003|40008) /) as string }));
    await stack.simulate('jump', { symbol: 'SOLUSDT', price: String(Math.floor(Number(solStop) * 0.995)) });
    await eventually(async () => expect(await positionOn(stack, 'SOLUSDT')).toBeUndefined());
    expect(await positionOn(stack, 'ETHUSDT')).toBeUndefined();
    expect(await stack.exchange.findOrder({ symbol: 'ETHUSDT', orderLinkId: orderLinkIdFor(scriptedTradeId(ETH, at(3)), 'entry', 0) })).toBeNull();

    stack.databaseLink.mend();
    await stack.replayUntil(at(5));
    await eventually(async () => expect(await tradeRow(stack, sol)).toMatchObject({ state: 'closed', exitReason: 'stop_loss' }));
    await eventually(async () => expect(await botStatus(stack)).toMatchObject({ tradingActive: true }));
    await eventually(async () => expect((await botStatus(stack)).blockedBecause).toBeUndefined());
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
  }, TIMEOUT_MS);
});

/**
 * The life that is recorded: a bot with two strategies over four candles, one trade stopped out, one closed in part by hand and
 * ended by signal, commands, and a new run in the middle. Started by `record-histories.ts` on the tests' own servers; it is no test and judges nothing.
 */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { dec, toDecimalString } from '../../core/money/decimal.js';
import { BOT_WORKFLOW_ID, commandUpdate, FEED_WORKFLOW_ID, pauseUpdate, resumeUpdate, tradeWorkflowId, type BotCommand } from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually, fillBotHistory, scriptedTradeId, tradeHandle, tradeRow } from '../workflows/stack-questions.js';
import { writeHistory } from './histories.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1)], exitAtMs: [] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(1), at(3)], exitAtMs: [at(2), at(4)] };

it('records', async () => {
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(10), seed: 14, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH] } });
  const bot = stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  await stack.replayUntil(at(1));
  await command(stack, pauseUpdate);
  await stopOut(stack, scriptedTradeId(BTC, at(1)));
  await stack.replayUntil(at(2));
  await command(stack, resumeUpdate);
  await stack.replayUntil(at(3));
  await closeHalf(stack, scriptedTradeId(ETH, at(3)));
  writeHistory('bot-first-run', await bot.fetchHistory());
  await fillBotHistory(stack);
  await stack.replayUntil(at(5));
  writeHistory('bot-after-continue-as-new', await bot.fetchHistory());
  writeHistory('trade-ended-by-stop', await tradeHandle(stack, scriptedTradeId(BTC, at(1))).fetchHistory());
  writeHistory('trade-ended-by-signal', await tradeHandle(stack, scriptedTradeId(ETH, at(3))).fetchHistory());
  writeHistory('feed-lease', await stack.client.workflow.getHandle(FEED_WORKFLOW_ID).fetchHistory());
  await stack.stop();
});

async function command(stack: TradingStack, update: typeof pauseUpdate): Promise<void> {
  await stack.client.workflow.getHandle(BOT_WORKFLOW_ID).executeUpdate(update, { args: [{ requestId: randomUUID(), reason: 'recording', actor: 'recorder' }] });
}

async function closeHalf(stack: TradingStack, tradeId: string): Promise<void> {
  const { symbol, qty } = await tradeRow(stack, tradeId);
  const half = toDecimalString(dec(qty).div(2).toDecimalPlaces(2));
  const order: BotCommand = { verb: 'close_position', symbol, qty: half, requestId: randomUUID(), reason: 'recording', actor: 'recorder' };
  await stack.client.workflow.getHandle(BOT_WORKFLOW_ID).executeUpdate(commandUpdate, { args: [order] });
  await eventually(async () => expect((await tradeRow(stack, tradeId)).qty).not.toBe(qty));
}

async function stopOut(stack: TradingStack, tradeId: string): Promise<void> {
  const { stopLoss } = await tradeRow(stack, tradeId);
  await stack.simulate('jump', { symbol: 'BTCUSDT', price: String(Math.floor(Number(stopLoss) * 0.99)) });
  await stack.client.workflow.getHandle(tradeWorkflowId(tradeId)).result();
}

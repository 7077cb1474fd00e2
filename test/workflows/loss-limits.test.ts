import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT_WORKFLOW_ID, commandUpdate, resumeUpdate, riskQuery, type CommandResult } from '../../workflows/messages.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botState, botStatus, eventsWithCode, eventually, scriptedTradeId, tradeRow } from './stack-questions.js';

/** An hour before midnight: the day ends at candle 12. */
const FROM_MS = Date.UTC(2026, 1, 16, 23);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const MIDNIGHT = 12;

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1), at(3), at(MIDNIGHT), at(15), at(18)], exitAtMs: [] };

describe('a bot that loses money', () => {
  let stack: TradingStack;
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  const request = () => ({ requestId: randomUUID(), reason: 'test', actor: 'tester' });
  const resume = (): Promise<CommandResult> => bot().executeUpdate(resumeUpdate, { args: [request()] });
  beforeAll(async () => {
    const trading = { daily_loss_limit: 1.5, max_drawdown_percent: 3, cooldown_minutes_after_stop: 0, max_price_deviation_percent: 50 };
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(30), seed: 31, stepMs: CANDLE_MS, script: { strategies: [BTC], trading } });
  });
  afterAll(() => stack.stop());

  it('pauses itself when the day has lost its limit, raises 10010 with the numbers and makes no entry', async () => {
    await stack.replayUntil(at(1));
    await gapThroughTheStop(stack, at(1));
    await stack.replayUntil(at(3));
    const { lifecycle, reason, openTrades } = await botStatus(stack);
    expect({ lifecycle, openTrades }).toEqual({ lifecycle: 'paused', openTrades: [] });
    expect(reason).toMatch(/^10010 Daily loss limit exceeded: -\d+.* the limit is 1\.5%/);
    await eventually(async () => expect(await eventsWithCode(stack, 10010)).toMatchObject([{ source: 'trading-bot', message: expect.stringContaining('Daily loss limit exceeded') }]));
    expect(await bot().query(riskQuery)).toMatchObject({ dailyLossLimitHit: true, resetsAtMs: at(MIDNIGHT), strategies: [{ mayTrade: false }] });
  });

  it('is not talked out of it by a resume', async () => {
    expect(await resume()).toMatchObject({ lifecycle: 'paused', changed: false });
  });

  it('goes on by itself at the next UTC day of trading time, and enters at its first candle', async () => {
    await stack.replayUntil(at(MIDNIGHT));
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'running', reason: 'no loss limit holds any more (the bot)', openTrades: [{ tradeId: scriptedTradeId(BTC, at(MIDNIGHT)) }] });
  });

  it('halts at the maximum drawdown, also over a lost history and another day, until an operator resumes', async () => {
    await gapThroughTheStop(stack, at(MIDNIGHT));
    await stack.replayUntil(at(MIDNIGHT + 1));
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: expect.stringMatching(/^20009 Maximum drawdown reached: .* the limit is 3%/) });
    await eventually(async () => expect(await stack.ledger.state('trading-bot')).toMatchObject({ pausedBy: 'max_drawdown', risk: { maxDrawdownHit: true } }));
    await bot().terminate('lost');
    await stack.startEntities();
    await stack.replayUntil(at(15));
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', openTrades: [] });
    expect(await bot().query(riskQuery)).toMatchObject({ maxDrawdownHit: true });

    expect(await resume()).toMatchObject({ lifecycle: 'paused', detail: expect.stringContaining('reset the daily limits') });
    expect(await bot().executeUpdate(commandUpdate, { args: [{ verb: 'reset_daily_limits', ...request() }] })).toMatchObject({ lifecycle: 'running' });
    await stack.replayUntil(at(18));
    expect((await botState(stack)).risk.maxDrawdownHit).toBe(false);
    expect((await botStatus(stack)).openTrades).toHaveLength(1);
  });
});

/** A gap that the stop cannot hold: it fills four percent below the entry. */
async function gapThroughTheStop(stack: TradingStack, decidedMs: number): Promise<void> {
  const tradeId = scriptedTradeId(BTC, decidedMs);
  const { entryPrice } = await tradeRow(stack, tradeId);
  await stack.simulate('jump', { symbol: 'BTCUSDT', price: String(Math.floor(Number(entryPrice) * 0.95)) });
  await eventually(async () => expect(await tradeRow(stack, tradeId)).toMatchObject({ state: 'closed', exitReason: 'stop_loss' }));
  await eventually(async () => expect((await botStatus(stack)).openTrades).toEqual([]));
}

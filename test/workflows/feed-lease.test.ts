import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEED_WORKFLOW_ID } from '../../workflows/messages.js';
import { startTradingStack, type RunningWorker, type TradingStack } from '../support/trading-stack.js';
import { eventsWithCode, eventually, scriptedTradeId, tradeHandle, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 2, 2);
const CANDLE_MS = 300_000;
const OVERDUE_MS = 2_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', enterAtMs: [at(1), at(3)], exitAtMs: [at(2), at(4)] };

describe('the lease of the feed', () => {
  let stack: TradingStack;
  let second: RunningWorker;
  beforeAll(async () => {
    stack = await startTradingStack({
      fromMs: FROM_MS, toMs: at(20), seed: 13, stepMs: CANDLE_MS, script: { strategies: [SOL], feed: { overdue_check_ms: OVERDUE_MS } },
    });
    await stack.replayUntil(at(1));
    second = await stack.startWorker('second');
  });
  afterAll(() => stack.stop());

  it('goes to the other worker when its holder leaves, and trading goes on there', async () => {
    expect(await holder(stack)).toBe('trading-worker-first');
    await stack.firstWorker.stop();
    await eventually(async () => expect(await holder(stack)).toBe('trading-worker-second'));

    await stack.replayUntil(at(2));
    expect(await tradeHandle(stack, scriptedTradeId(SOL, at(1))).result()).toMatchObject({ state: 'closed', exitReason: 'signal' });
  });

  it('is not needed for decisions: without a feed an overdue candle is fetched by REST, and recorded (40006)', async () => {
    await stack.client.workflow.getHandle(FEED_WORKFLOW_ID).terminate('no more feed');
    await eventually(() => expect(stack.logged.filter((message) => message === 'This worker feeds the bot no longer')).toHaveLength(2));
    await stack.replayUntil(at(3));
    expect(await tradeRow(stack, scriptedTradeId(SOL, at(3)))).toMatchObject({ state: 'open' });
    expect(await eventsWithCode(stack, 40006)).toContainEqual({ source: 'trading-bot', message: expect.stringContaining(new Date(at(3)).toISOString()) as string });
  });

  it('is taken up again when the lasting workflows are started again', async () => {
    await stack.startEntities();
    await eventually(async () => expect(await holder(stack)).toBe('trading-worker-second'));
    await stack.replayUntil(at(4));
    await second.stop();
  });
});

/** Who runs the activity that is the lease. */
async function holder(stack: TradingStack): Promise<string | null | undefined> {
  const { raw } = await stack.client.workflow.getHandle(FEED_WORKFLOW_ID).describe();
  return raw.pendingActivities?.[0]?.lastWorkerIdentity;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;
const DAYS = 3;

describe('a lock-step replay of three synthetic days', () => {
  let stack: TradingStack;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + DAYS * DAY_MS, seed: 7 });
    await stack.replayUntil(FROM_MS + DAYS * DAY_MS);
  }, 180_000);
  afterAll(() => stack.stop());

  it('opens and closes trades, and the ledger equals the exchange’s own book', async () => {
    const { findings, figures } = await stack.check();
    expect(findings).toEqual([]);
    expect(figures['executions on the exchange']).toBeGreaterThan(4);
    expect((await stack.ledger.tradesSince(0, 100)).some(({ state }) => state === 'closed')).toBe(true);
  });
});

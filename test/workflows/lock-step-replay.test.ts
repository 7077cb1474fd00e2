import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dailyPnl } from '../../core/analytics/daily-pnl.js';
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

  it('what trades, fees, funding and open positions did explains the equity of every day to the last decimal', async () => {
    const days = dailyPnl(await stack.ledger.dayRecords({ firstDayMs: FROM_MS, lastDayMs: FROM_MS + (DAYS - 1) * DAY_MS }), null);
    expect(days.map(({ equity }) => equity?.unexplained)).toEqual(days.map(() => '0'));
    expect(days.some(({ funding }) => funding !== '0') && days.some(({ fees }) => fees !== '0')).toBe(true);
  });
});

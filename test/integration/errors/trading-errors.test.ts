/** Errors of trading: a running bot meets each condition on the simulated exchange, and log, API and metrics say so. */
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { TRADING_LIMITS, TRADING_PROVOCATIONS, TRADING_STRATEGIES } from './trading-provocations.js';
import { setTradingStage, type TradingStage } from './trading-stage.js';

describe('in trading', () => {
  let stage: TradingStage;
  beforeAll(async () => { stage = await setTradingStage({ strategies: TRADING_STRATEGIES, trading: TRADING_LIMITS }); });
  afterEach(() => stage.heal());
  afterAll(() => stage.close());

  it.each(TRADING_PROVOCATIONS)('$codes is raised when $when', async ({ codes, provoke }) => {
    await provoke(stage);
    for (const code of codes) await stage.seen(code);
  }, 60_000);
});

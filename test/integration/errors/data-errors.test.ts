/** Errors of data: a running bot gets candles that cannot be, loses its feed and its ledger, and log, API and metrics say so. */
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { DATA_PROVOCATIONS, DATA_STRATEGIES } from './data-provocations.js';
import { setTradingStage, type TradingStage } from './trading-stage.js';

describe('with the data', () => {
  let stage: TradingStage;
  beforeAll(async () => {
    stage = await setTradingStage({ strategies: DATA_STRATEGIES });
    await stage.nextCandle();
  });
  afterEach(() => stage.heal());
  afterAll(() => stage.close());

  it.each(DATA_PROVOCATIONS)('$codes is raised when $when', async ({ codes, provoke }) => {
    await provoke(stage);
    for (const code of codes) await stage.seen(code);
  }, 60_000);
});

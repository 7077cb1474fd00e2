/** The short form of `npm run drills`: real processes from dist/, a lock-step market, kill -9 of each part and of all at once. */
import { expect, it } from 'vitest';
import { DEFAULT_CONFIGURATION, type DrillMarket } from '../../drills/drilled-stack.js';
import { planKills, VICTIMS } from '../../drills/kill-plan.js';
import { runInLockStep } from '../../drills/lock-step-run.js';
import { tradeDifferences } from '../../drills/recorded-trades.js';

const SEED = 3;
const market: DrillMarket = { data: undefined, marketSeed: SEED, fromMs: Date.UTC(2026, 0, 5), days: 1, speed: 'max' };

it(`takes the same trades and keeps the books whichever process dies, seed ${SEED}`, { timeout: 420_000 }, async () => {
  const undisturbed = await runInLockStep({ market, configPath: DEFAULT_CONFIGURATION, kills: [] });
  const kills = planKills({ seed: SEED, kills: VICTIMS.length, pauseMs: [200, 1_000] });
  const killed = await runInLockStep({ market, configPath: DEFAULT_CONFIGURATION, kills });
  expect(killed.kills.length).toBe(VICTIMS.length);
  expect(undisturbed.trades.length).toBeGreaterThan(1);
  expect(undisturbed.verdict.findings).toEqual([]);
  expect(killed.verdict.findings).toEqual([]);
  expect(tradeDifferences(undisturbed.trades, killed.trades)).toEqual([]);
});

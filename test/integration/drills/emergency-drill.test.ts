/** The short form of `npm run drills -- --only emergency`: the hardest of its cells. */
import { expect, it } from 'vitest';
import { runEmergency } from '../../drills/emergency-run.js';

const SEED = 5;

it(`is flat, verified and on record, with ten positions and twenty orders, while Temporal, PostgreSQL and the API are killed again and again, seed ${SEED}`, { timeout: 360_000 }, async () => {
  const { findings, positions, orders, kills, secondsToFlat } = await runEmergency({ seed: SEED, victim: 'everything' });
  expect({ positions, orders, findings }).toEqual({ positions: 10, orders: 20, findings: [] });
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(secondsToFlat).not.toBeNull();
});

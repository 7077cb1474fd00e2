import { lifecycle } from '../free-run.js';
import { startRun } from '../runbook-drill.js';
import type { Situation } from './situation.js';

/** From a fresh backup, although nothing is damaged: what a disturbance could break is the same. */
export const databaseRecoverySituation: Situation = {
  runbook: 'databaseRecovery',
  endsWithinMs: 400_000,
  prepare: async ({ stack }) => {
    const run = await (await startRun(stack, 'backup', { params: { upload: false }, reason: 'drill' })).ended();
    if (run.state !== 'completed') throw new Error(`no backup: ${run.outcome ?? ''}`);
    return {};
  },
  verify: async ({ stack }, { state, remaining }) => {
    const now = await lifecycle(stack);
    return [
      ...(now === 'running' ? [] : [`the bot ran before, and is ${now} now`]),
      ...(state === 'cancelled' ? [] : remaining.map((line) => `left to do by hand: ${line}`)),
    ];
  },
};

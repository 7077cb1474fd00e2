import { lifecycle } from '../free-run.js';
import { startRun } from '../runbook-drill.js';
import type { Situation } from './situation.js';

export const restoreStateSituation: Situation = {
  runbook: 'restoreState',
  prepare: async ({ stack }) => {
    const run = await (await startRun(stack, 'saveState', { reason: 'drill' })).ended();
    if (run.state !== 'completed') throw new Error(`nothing was saved: ${run.outcome ?? ''}`);
    return {};
  },
  verify: async ({ stack }) => {
    const state = await lifecycle(stack);
    return state === 'running' ? [] : [`the bot ran before, and is ${state} now`];
  },
};

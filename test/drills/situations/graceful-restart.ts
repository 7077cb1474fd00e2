import { lifecycle } from '../free-run.js';
import type { Situation } from './situation.js';

export const gracefulRestartSituation: Situation = {
  runbook: 'gracefulRestart',
  prepare: () => Promise.resolve({ service: 'trading-worker' }),
  verify: async ({ stack }) => {
    const state = await lifecycle(stack);
    return state === 'running' ? [] : [`the bot ran before, and is ${state} now`];
  },
};

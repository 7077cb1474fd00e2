/** PostgreSQL is restarted under a bot that trades. */
import { lifecycle } from '../free-run.js';
import type { Situation } from './situation.js';

export const databaseTroubleshootingSituation: Situation = {
  runbook: 'databaseTroubleshooting',
  prepare: () => Promise.resolve({ restart: true }),
  verify: async ({ stack }) => {
    const state = await lifecycle(stack);
    return state === 'running' ? [] : [`the bot ran before, and is ${state} now`];
  },
};

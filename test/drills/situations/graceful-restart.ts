/** A restart of the trading worker. A run that is cancelled after it has stopped something leaves trading paused, for a person to judge. */
import { RESTART_STEPS } from '../../../core/runbooks/graceful-restart.js';
import { command, standing } from '../free-run.js';
import type { Situation } from './situation.js';

export const gracefulRestartSituation: Situation = {
  runbook: 'gracefulRestart',
  prepare: () => Promise.resolve({ service: 'trading-worker' }),
  verify: async ({ stack }, { state: ending, steps }) => {
    const wasStopped = steps.some(({ name, state }) => name === RESTART_STEPS.stop && state !== 'pending');
    const wanted = ending === 'cancelled' && wasStopped ? 'paused' : 'running';
    const { state, reason } = await standing(stack);
    return state === wanted ? [] : [`the bot should be ${wanted}, and is ${state}: ${reason}`];
  },
  leave: async ({ stack }) => {
    if ((await standing(stack)).state === 'paused') await command(stack, 'resume');
  },
};

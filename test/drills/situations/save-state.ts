import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Situation } from './situation.js';

export const saveStateSituation: Situation = {
  runbook: 'saveState',
  prepare: () => Promise.resolve({}),
  verify: async ({ stack }, run) => {
    if (run.state === 'cancelled') return [];
    const file = (run.figures as { file?: unknown }).file;
    if (typeof file !== 'string') return ['the run does not name the file it wrote'];
    const size = await stat(path.join(stack.dataDir, file)).then(({ size }) => size, () => 0);
    return size > 0 ? [] : [`${file} is not there, or empty`];
  },
};

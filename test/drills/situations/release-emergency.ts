import { createLatchFile } from '../../../adapters/host/latch-file.js';
import { endHalt, plannedRelease } from '../end-halt.js';
import { startRun } from '../runbook-drill.js';
import type { Situation } from './situation.js';

export const releaseEmergencySituation: Situation = {
  runbook: 'releaseEmergency',
  prepare: async ({ stack }) => {
    const { figures } = await (await startRun(stack, 'emergencyShutdown', { reason: 'drill' })).ended();
    await plannedRelease(stack, String(figures['haltId']));
    return { halt_id: figures['haltId'] };
  },
  verify: async ({ stack }, { state }) => {
    const held = await createLatchFile(stack.dataDir).read();
    return state === 'completed' && held !== null ? [`the latch is still held by ${held.haltId}`] : [];
  },
  leave: endHalt,
};

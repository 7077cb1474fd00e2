/** Ends the halt that is in force, if one is, by its runbook, and lets the bot trade again. */
import { createLatchFile } from '../../adapters/host/latch-file.js';
import type { RunningStack } from '../../embedded/stack.js';
import type { DrilledStack } from './drilled-stack.js';
import { eventually } from './free-run.js';
import { post, startRun } from './runbook-drill.js';

export async function endHalt({ stack }: DrilledStack): Promise<void> {
  const held = await createLatchFile(stack.dataDir).read();
  if (held !== null) {
    const state = await release(stack, held.haltId);
    if (state !== 'completed') throw new Error(`releaseEmergency ended as ${state}`);
  }
  await eventually('the bot is resumed', async () => (await post(stack, '/api/v1/bot/resume', { reason: 'drill over' })).status === 200);
}

/** Resolves with how the run ended. */
export async function release(stack: RunningStack, haltId: string): Promise<string> {
  const params = { halt_id: haltId };
  let planId = '';
  await eventually('the release is planned', async () => {
    const { status, json } = await post<{ plan_id: string; refusals: string[] }>(stack, '/api/v1/runbooks/releaseEmergency/plan', { params });
    planId = json.plan_id;
    return status === 200 && json.refusals.length === 0;
  });
  return (await (await startRun(stack, 'releaseEmergency', { params, plan_id: planId, reason: 'drill over' })).ended()).state;
}

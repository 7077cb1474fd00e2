/** Ends the halt that is in force, if one is, by its runbook, and lets the bot trade again. */
import { createLatchFile } from '../../adapters/host/latch-file.js';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import type { RunningStack } from '../../embedded/stack.js';
import type { DrilledStack } from './drilled-stack.js';
import { eventually } from './free-run.js';
import { post, startRun } from './runbook-drill.js';

export async function endHalt({ stack }: DrilledStack): Promise<void> {
  const held = await createLatchFile(stack.dataDir).read();
  if (held !== null) {
    const { state, outcome } = await release(stack, held.haltId);
    if (state !== 'completed') throw new Error(`releaseEmergency ended as ${state}: ${outcome ?? ''}`);
  }
  await eventually('the bot is resumed', async () => (await post(stack, '/api/v1/bot/resume', { reason: 'drill over' })).status === 200);
}

/** Resolves with how the run ended. */
export async function release(stack: RunningStack, haltId: string): Promise<RunOnTheWire> {
  const planId = await plannedRelease(stack, haltId);
  return (await startRun(stack, 'releaseEmergency', { params: { halt_id: haltId }, plan_id: planId, reason: 'drill over' })).ended();
}

/** Resolves with the plan's id once it refuses nothing: for a moment after its end the emergency still writes its record. */
export async function plannedRelease(stack: RunningStack, haltId: string): Promise<string> {
  let planId = '';
  await eventually('the release is planned', async () => {
    const { status, json } = await post<{ plan_id: string; refusals: string[] }>(stack, '/api/v1/runbooks/releaseEmergency/plan', { params: { halt_id: haltId } });
    planId = json.plan_id;
    return status === 200 && json.refusals.length === 0;
  });
  return planId;
}

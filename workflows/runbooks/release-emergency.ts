/**
 * Ends an emergency stop. The bot consents first, and only when it agrees with the exchange; then the latch goes, place by place.
 *
 * Invariant: a run that stops anywhere leaves the latch set, or has nothing left to do.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { ReleaseActivities } from '../../activities/emergency/release-activities.js';
import { RELEASE_STEPS as STEPS, type ReleaseEmergencyParams } from '../../core/runbooks/release-emergency.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

/** They say every second that they live: a worker that dies is noticed within seconds. */
const patience = { startToCloseTimeout: 30_000, heartbeatTimeout: 6_000 } as const;
const activities = proxyActivities<ReleaseActivities>({ ...patience, retry: { maximumAttempts: 5, maximumInterval: 5_000 } });
/** About half a minute: trades that were closed by the emergency may still be settling, and the bot disagrees for so long. */
const { releaseBot } = proxyActivities<ReleaseActivities>({ ...patience, retry: { maximumAttempts: 15, maximumInterval: 2_000 } });

export function releaseEmergency(request: RunbookRequest<ReleaseEmergencyParams>): Promise<RunbookResult> {
  return runbook('releaseEmergency', request, async (run, { halt_id: haltId }) => {
    const order = { haltId, reason: run.given.reason, actor: run.given.actor };
    await run.step(STEPS.exchange, () => activities.assertProtected());
    await run.step(STEPS.reconcile, () => activities.levelExecutions());
    await run.step(STEPS.bot, () => releaseBot(order));
    await run.step(STEPS.latch, () => activities.clearLatch(order), { uncancellable: true });
    run.leaveByHand('the bot is paused: npx bot resume, when it shall trade again');
    return `halt ${haltId} has ended; the bot is paused until it is resumed`;
  });
}

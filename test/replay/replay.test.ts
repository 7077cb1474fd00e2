import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { installQuietRuntime, workflowBundle } from '../support/trading-stack.js';
import { historyFrom, readHistory, RECORDED, type RecordedHistory, type RecordedName } from './histories.js';

const REPLAY_TIMEOUT_MS = 60_000;

/**
 * What a deploy must not break: workflows that run now are continued by the new code. If this fails after a change that
 * was meant, guard the change with `patched()`, or record anew (`npm run record-histories`) before the first release.
 */
describe('histories recorded by earlier code', () => {
  beforeAll(installQuietRuntime);

  it.each(RECORDED)('%s is replayed by the present workflows', async (name) => {
    await expect(replay(readHistory(name))).resolves.toBeUndefined();
  }, REPLAY_TIMEOUT_MS);

  it('cover a decision, an entry, commands, a new run with carried state, a stop, an exit by signal and the lease', () => {
    expect(eventTypes('bot-first-run')).toEqual(expect.arrayContaining([
      'EVENT_TYPE_ACTIVITY_TASK_COMPLETED', 'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED',
      'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED', 'EVENT_TYPE_TIMER_STARTED',
    ]));
    expect(JSON.stringify(readHistory('bot-after-continue-as-new').events[0])).toContain('continuedExecutionRunId');
    expect(eventTypes('trade-ended-by-stop').at(-1)).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED');
    expect(activitiesOf('trade-ended-by-signal')).toEqual(expect.arrayContaining(['placeEntry', 'confirmEntry', 'closePosition', 'inspectTrade', 'recordTrade']));
    expect(activitiesOf('feed-lease')).toEqual(['holdFeedLease']);
  });

  it('cover a runbook that completes, one that is cancelled, one whose record waits, a plan and the desk', () => {
    expect(activitiesOf('restart-completed')).toEqual(expect.arrayContaining([
      'planGracefulRestart', 'pauseTrading', 'awaitQuiet', 'saveStateForRestart', 'leaveGracefully', 'describeProcess', 'awaitHealth', 'rehearseDecision', 'awaitDecision', 'resumeTrading', 'recordRun', 'announceRun',
    ]));
    expect(eventTypes('restart-cancelled')).toEqual(expect.arrayContaining(['EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED']));
    expect(eventTypes('save-state-without-ledger')).toEqual(expect.arrayContaining(['EVENT_TYPE_ACTIVITY_TASK_FAILED', 'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED']));
    expect(eventTypes('runbook-desk')).toEqual(expect.arrayContaining(['EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED']));
  });

  it('cover an emergency that was asked for more, one whose record waits, and the way back', () => {
    expect(activitiesOf('emergency-closed')).toEqual(expect.arrayContaining(['setLatch', 'haltBot', 'cancelOrders', 'closeAllPositions', 'verifyExchange', 'saveState', 'notificationChannels', 'recordEmergency']));
    expect(eventTypes('emergency-closed')).toEqual(expect.arrayContaining(['EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', 'EVENT_TYPE_TIMER_FIRED']));
    expect(eventTypes('emergency-without-ledger')).toEqual(expect.arrayContaining(['EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED']));
    expect(activitiesOf('emergency-released')).toEqual(expect.arrayContaining(['assertProtected', 'levelExecutions', 'releaseBot', 'clearLatch']));
  });

  it.each([
    { name: 'restart-completed', was: 'awaitQuiet', became: 'awaitHealth' },
    { name: 'trade-ended-by-signal', was: 'closePosition', became: 'recordTradeEvent' },
    { name: 'feed-lease', was: 'holdFeedLease', became: 'newestBoundary' },
    { name: 'bot-first-run', was: 'trade-ETHUSDT', became: 'trade-XRPUSDT' },
  ] as const)('would fail if the code did something else: $name with $became instead of $was', async ({ name, was, became }) => {
    const tampered = JSON.parse(JSON.stringify(readHistory(name)).replaceAll(was, became)) as RecordedHistory;
    await expect(replay(tampered)).rejects.toThrow(/nondeterminism|determinism/i);
  }, REPLAY_TIMEOUT_MS);
});

async function replay(history: RecordedHistory): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, historyFrom(history));
}

function eventTypes(name: RecordedName): string[] {
  return readHistory(name).events.map(({ eventType }) => eventType);
}

function activitiesOf(name: RecordedName): string[] {
  return readHistory(name).events.flatMap((event) => {
    const scheduled = event['activityTaskScheduledEventAttributes'] as { activityType: { name: string } } | undefined;
    return scheduled ? [scheduled.activityType.name] : [];
  });
}

/** Runs of the backup runbooks that are recorded: one that completes, one that is cancelled in its dump, a verification, a pruning. It is no test and judges nothing. */
import { it } from 'vitest';
import type { PlanOnTheWire } from '../../api/runbook-schema.js';
import { BACKUP_STEPS } from '../../core/runbooks/backup.js';
import { cancelSignal } from '../../workflows/runbook-messages.js';
import { endedRun, liveRun, setRunbookStage, startedRun } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually } from '../workflows/stack-questions.js';
import { writeHistory, type RecordedName } from './histories.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const CANDLE_MS = 900_000;
const BACKUP = '/api/v1/runbooks/backup';

it('records backups', async () => {
  let held = false;
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * CANDLE_MS, seed: 3 });
  const stage = await setRunbookStage({ stack, backups: (edges) => ({ ...edges, server: { ...edges.server, dump: (file, work) => (held ? untilCancelled(work.signal) : edges.server.dump(file, work)) } }) });
  await stack.replayUntil(FROM_MS + 2 * CANDLE_MS);
  const completed = await endedRun(stage, await startedRun(stage, BACKUP, { reason: 'recording' }));
  await keep(stack, 'backup-completed', 'backup-system');
  held = true;
  const id = await startedRun(stage, BACKUP, { reason: 'recording' });
  await eventually(async () => {
    if ((await liveRun(stage, id)).steps.find(({ name }) => name === BACKUP_STEPS.database)?.state !== 'running') throw new Error('not there yet');
  });
  await stack.client.workflow.getHandle('backup-system').signal(cancelSignal, { actor: 'recorder', reason: 'recording' });
  await endedRun(stage, id);
  await keep(stack, 'backup-cancelled', 'backup-system');
  const backupId = String(completed.figures['backupId']);
  await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/verifyBackup', { params: { backup_id: backupId }, reason: 'recording' }));
  await keep(stack, 'backup-verified', `verifyBackup-${backupId}`);
  const plan = (await stage.ask<PlanOnTheWire>('/api/v1/runbooks/pruneBackups/plan')).json;
  await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/pruneBackups', { reason: 'recording', plan_id: plan.plan_id }));
  await keep(stack, 'backups-pruned', 'pruneBackups-backups');
  await stage.close();
  await stack.stop();
});

function untilCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

async function keep(stack: TradingStack, name: RecordedName, workflowId: string): Promise<void> {
  writeHistory(name, await stack.client.workflow.getHandle(workflowId).fetchHistory());
}

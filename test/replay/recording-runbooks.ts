/** The runbooks that are recorded: one that completes, one that is cancelled, one while the ledger is away, and the desk. It is no test and judges nothing. */
import { it } from 'vitest';
import { BotError } from '../../core/errors/bot-error.js';
import { CLOSING_WORKFLOW_TYPE } from '../../workflows/messages.js';
import { cancelSignal, DESK_WORKFLOW_ID, PLAN_WORKFLOW_TYPE } from '../../workflows/runbook-messages.js';
import { startRunbookDesk } from '../../workers/entities.js';
import { endedRun, liveRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { unique } from '../support/temporal.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually } from '../workflows/stack-questions.js';
import { writeHistory, type RecordedName } from './histories.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const CANDLE_MS = 900_000;
const RESTART = '/api/v1/runbooks/gracefulRestart';

it('records runbooks', async () => {
  let ledger: 'there' | 'away' = 'there';
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * CANDLE_MS, seed: 3, supervised: true });
  await stack.firstWorker.stop();
  await stack.startWorker('1');
  const stage = await setRunbookStage({ stack, ledger: () => (ledger === 'there' ? Promise.resolve(stack.ledger) : Promise.reject(new BotError(10003, 'taken away'))) });
  await stack.replayUntil(FROM_MS + 2 * CANDLE_MS);
  await endedRun(stage, await startedRun(stage, RESTART, { reason: 'recording' }));
  await keep(stack, 'restart-completed', 'gracefulRestart-services');
  await cancelled(stack, stage);
  await keep(stack, 'restart-cancelled', 'gracefulRestart-services');
  await startRunbookDesk(stack.client);
  await stack.client.workflow.getHandle(DESK_WORKFLOW_ID).signal('plan', { runbook: 'saveState' });
  await stack.client.workflow.getHandle(DESK_WORKFLOW_ID).signal('run', { runbook: 'saveState', reason: 'recording' });
  await endedOf(stage, 'saveState-save');
  await keep(stack, 'runbook-desk', DESK_WORKFLOW_ID);
  await stack.client.workflow.execute(PLAN_WORKFLOW_TYPE, { workflowId: 'plan-recorded', taskQueue: 'maintenance', args: [{ runbook: 'gracefulRestart', params: { service: 'all' } }] });
  await keep(stack, 'runbook-plan', 'plan-recorded');
  ledger = 'away';
  const id = await startedRun(stage, '/api/v1/runbooks/saveState', { params: { kind: 'emergency' }, reason: 'recording' });
  await endedRun(stage, id);
  await keep(stack, 'save-state-without-ledger', 'saveState-emergency');
  ledger = 'there';
  await stack.client.workflow.getHandle(`record-${id}`).result();
  await keep(stack, 'run-record-kept', `record-${id}`);
  await stage.close();
  await stack.stop();
});

/** In the middle of its waiting for an operation that does not end. */
async function cancelled(stack: TradingStack, stage: RunbookStage): Promise<void> {
  const closing = await stack.client.workflow.start(CLOSING_WORKFLOW_TYPE, { workflowId: unique('closing'), taskQueue: unique('nobody'), args: [] });
  const id = await startedRun(stage, RESTART, { reason: 'recording' });
  await eventually(async () => {
    const waiting = (await liveRun(stage, id)).steps.find(({ name }) => name === 'wait for operations in flight');
    if (waiting?.state !== 'running') throw new Error('not there yet');
  });
  await stack.client.workflow.getHandle('gracefulRestart-services').signal(cancelSignal, { actor: 'recorder', reason: 'recording' });
  await endedRun(stage, id);
  await closing.terminate();
}

async function endedOf(stage: RunbookStage, workflowId: string): Promise<void> {
  await eventually(async () => {
    if ((await liveRun(stage, workflowId)).state !== 'completed') throw new Error('not there yet');
  });
}

async function keep(stack: TradingStack, name: RecordedName, workflowId: string): Promise<void> {
  writeHistory(name, await stack.client.workflow.getHandle(workflowId).fetchHistory());
}

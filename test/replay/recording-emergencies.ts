/** The emergencies that are recorded: one that closes everything after it was asked for more, one whose record waits for the ledger, and the release. It is no test and judges nothing. */
import { it } from 'vitest';
import { closedRun, setRunbookStage, startedRun } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { EMERGENCY_WORKFLOW_ID } from '../../workflows/messages.js';
import { widenEmergencySignal } from '../../workflows/runbook-messages.js';
import { writeHistory, type RecordedName } from './histories.js';

const FROM_MS = Date.UTC(2026, 1, 23);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1)], exitAtMs: [] };
const STOP_ALL = '/api/v1/emergency/stop-all-trading';
const RELEASE = '/api/v1/runbooks/releaseEmergency';

it('records emergencies', async () => {
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 41, stepMs: CANDLE_MS, script: { strategies: [BTC] } });
  const stage = await setRunbookStage({ stack, ledger: () => Promise.resolve(stack.workerLedger) });
  await stack.replayUntil(at(1));
  const closing = await startedRun(stage, STOP_ALL, { reason: 'recording' });
  await stack.client.workflow.getHandle(EMERGENCY_WORKFLOW_ID).signal(widenEmergencySignal, { closePositions: true, stopServices: ['api'] });
  await keep(stack, 'emergency-closed', await closedRun(stage, stack, closing));
  await release();

  stack.databaseLink.cut();
  const halting = await closedRun(stage, stack, await startedRun(stage, STOP_ALL, { reason: 'recording' }));
  await keep(stack, 'emergency-without-ledger', halting);
  stack.databaseLink.mend();
  const recordId = `record-emergency-${String(halting.figures['haltId'])}-${halting.run_id}`;
  await stack.client.workflow.getHandle(recordId).result();
  await keep(stack, 'emergency-record-kept', { workflow_id: recordId });
  await keep(stack, 'emergency-released', await release());
  await stage.close();
  await stack.stop();

  async function release() {
    const params = { halt_id: (await stack.latch.read())?.haltId };
    const { json } = await stage.post<{ plan_id: string }>(`${RELEASE}/plan`, { params });
    return closedRun(stage, stack, await startedRun(stage, RELEASE, { params, plan_id: json.plan_id, reason: 'recording' }));
  }
});

async function keep(stack: TradingStack, name: RecordedName, { workflow_id: id, run_id: runId }: { workflow_id: string; run_id?: string }): Promise<void> {
  writeHistory(name, await stack.client.workflow.getHandle(id, runId).fetchHistory());
}

/** The recoveries that are recorded: a database brought back, one whose backup is damaged, a state put back. It is no test and judges nothing. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'vitest';
import { DUMP_FILE } from '../../core/backup/manifest.js';
import { takeBackup } from '../support/kept-backups.js';
import { endedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { writeHistory, type RecordedName } from './histories.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const CANDLE_MS = 900_000;

it('records recoveries', async () => {
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * CANDLE_MS, seed: 3 });
  const stage = await setRunbookStage({ stack });
  await stack.replayUntil(FROM_MS + 2 * CANDLE_MS);
  await takeBackup(stage.backups);
  await stack.replayUntil(FROM_MS + 4 * CANDLE_MS);
  await confirmed(stage, 'databaseRecovery', {});
  await keep(stack, 'database-recovered', 'databaseRecovery-ledger');
  await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/saveState', { reason: 'recording' }));
  await confirmed(stage, 'restoreState', {});
  await keep(stack, 'state-restored', 'restoreState-bot');
  await rm(path.join(stage.dataDir, 'backups', await takeBackup(stage.backups), DUMP_FILE));
  await confirmed(stage, 'databaseRecovery', {});
  await keep(stack, 'database-recovery-failed', 'databaseRecovery-ledger');
  const left = await stack.database.query<{ name: string }>('select datname as name from pg_database where datname like $1', [`${stack.database.name}\\_%`]);
  for (const { name } of left) await stage.backups.server.dropDatabase(name);
  await stage.close();
  await stack.stop();
});

async function confirmed(stage: RunbookStage, name: string, params: object): Promise<void> {
  const route = `/api/v1/runbooks/${name}`;
  const plan = await stage.post<{ plan_id: string }>(`${route}/plan`, { params });
  await endedRun(stage, await startedRun(stage, route, { params, plan_id: plan.json.plan_id, reason: 'recording' }));
}

async function keep(stack: TradingStack, name: RecordedName, workflowId: string): Promise<void> {
  writeHistory(name, await stack.client.workflow.getHandle(workflowId).fetchHistory());
}

/** The runbooks around the ledger that are recorded: a recovery that finds something, a reconciliation that repairs and alerts, a database without a supervisor. It is no test and judges nothing. */
import { it } from 'vitest';
import { closedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { writeHistory, type RecordedName } from './histories.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2), at(6)], exitAtMs: [at(4)] };
const LOSE = ['delete from executions where exec_id = (select exec_id from executions order by executed_at limit 1)', "delete from trades where state = 'closed'"];

it('records runbooks around the ledger', async () => {
  const stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(12), seed: 7, script: { strategies: [BTC] } });
  const stage = await setRunbookStage({ stack });
  await stack.replayUntil(at(8));
  for (const statement of LOSE) await stack.database.query(statement);
  await recorded(stack, stage, 'trade-history-recovered', { name: 'recoverTradeHistory', params: { start_date: '2026-01-05', end_date: '2026-01-05', symbols: ['BTCUSDT'] } });
  for (const statement of LOSE) await stack.database.query(statement);
  await stack.database.query('update executions set fee = fee + 0.5 where exec_id = (select exec_id from executions order by executed_at desc limit 1)');
  await recorded(stack, stage, 'balance-reconciled', { name: 'reconcileBalance', params: {} });
  await recorded(stack, stage, 'database-troubleshooting', { name: 'databaseTroubleshooting', params: { restart: true } });
  await stage.close();
  await stack.stop();
});

async function recorded(stack: TradingStack, stage: RunbookStage, history: RecordedName, { name, params }: { name: string; params: object }): Promise<void> {
  const route = `/api/v1/runbooks/${name}`;
  const { json } = await stage.post<{ plan_id: string }>(`${route}/plan`, { params });
  const run = await closedRun(stage, stack, await startedRun(stage, route, { params, plan_id: json.plan_id, reason: 'recording' }));
  writeHistory(history, await stack.client.workflow.getHandle(run.workflow_id, run.run_id).fetchHistory());
}

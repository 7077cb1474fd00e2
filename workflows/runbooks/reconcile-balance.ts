/**
 * Compares exchange and ledger, repairs what the exchange proves, and alerts on the rest. With two balances given it is a
 * what-if: it only says which movements could explain their difference.
 */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ComparedAccount, ReconcileActivities } from '../../activities/runbooks/reconcile/reconcile-activities.js';
import { mergedReports, reportWords } from '../../core/reconciliation/recovery-report.js';
import { isWhatIf, RECONCILE_STEPS as STEPS, type ReconcileBalanceParams } from '../../core/runbooks/reconcile-balance.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { recoverPart } from '../runbook/recovered-history.js';
import type { RunInProgress } from '../runbook/run-in-progress.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

/** Two years of an account are read within the exchange's request limits. */
const activities = proxyActivities<ReconcileActivities>({ startToCloseTimeout: '4 hours', heartbeatTimeout: 10_000, retry: { initialInterval: 500, maximumInterval: 30_000 } });

export function reconcileBalance(request: RunbookRequest<ReconcileBalanceParams>): Promise<RunbookResult> {
  return runbook('reconcileBalance', request, (run, params) => (isWhatIf(params) ? whatIf(run, params) : reconciled(run)));
}

async function whatIf(run: RunInProgress, { exchange_balance: exchange, database_balance: database }: { exchange_balance: string; database_balance: string }): Promise<string> {
  let outcome = '';
  await run.step(STEPS.compare, async () => {
    const { difference, lines } = await activities.couldExplain({ exchange, database });
    run.figure('difference', difference);
    run.figure('candidates', lines);
    outcome = `${difference} USDT: ${lines.length === 0 ? 'no movement of the account, no two and no row of them add up to it' : lines.join('; ')}`;
    return outcome;
  }, { interruptible: true });
  for (const name of [STEPS.repair, STEPS.again, STEPS.alert]) await run.step(name, () => Promise.resolve('not needed: a what-if changes nothing'));
  return outcome;
}

async function reconciled(run: RunInProgress): Promise<string> {
  let compared = await stepOf(run, STEPS.compare);
  await run.step(STEPS.repair, () => repair(compared), { interruptible: true });
  if (compared.agrees) await run.step(STEPS.again, () => Promise.resolve('not needed: nothing differed'));
  else compared = await stepOf(run, STEPS.again);
  await run.step(STEPS.alert, async () => {
    if (compared.agrees) return 'nothing remains';
    await activities.alertOnDifferences({ runId: workflowInfo().runId, lines: compared.lines });
    for (const line of compared.lines) run.leaveByHand(line);
    return `${compared.lines.length} differences are told`;
  });
  return compared.summary;
}

async function stepOf(run: RunInProgress, name: string): Promise<ComparedAccount> {
  let compared: ComparedAccount | undefined;
  await run.step(name, async () => {
    compared = await activities.compareAccounts();
    run.figure(name, { difference: compared.difference, unexplained: compared.unexplained, lines: compared.lines });
    return compared.summary;
  }, { interruptible: true });
  if (compared === undefined) throw new Error(`the step ${name} has found nothing`);
  return compared;
}

async function repair({ proven, orders }: ComparedAccount): Promise<string> {
  const words: string[] = [];
  if (proven !== null) {
    const span = { ...proven, symbols: [] };
    const reports = [await recoverPart('executions', span), await recoverPart('orders', span), await recoverPart('trades', span)];
    words.push(reportWords(mergedReports(reports)));
  }
  if (orders.length > 0) words.push(await activities.repairOrders(orders));
  return words.length === 0 ? 'the exchange proves nothing that the ledger lacks' : words.join('; ');
}

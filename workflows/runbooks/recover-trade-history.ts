/** Inserts what the ledger lacks of a span, from the exchange, and rebuilds its trades. Safe at any time, also while the bot trades. */
import { ApplicationFailure } from '@temporalio/workflow';
import { RECOVER_STEPS as STEPS, spanOf, type HistoryPart, type RecoverTradeHistoryParams } from '../../core/runbooks/recover-trade-history.js';
import { mergedReports, reportWords, type RecoveryReport } from '../../core/reconciliation/recovery-report.js';
import type { Json } from '../../core/runbooks/plan.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { recoverPart, settleSpan, verifyHistory } from '../runbook/recovered-history.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

export function recoverTradeHistory(request: RunbookRequest<RecoverTradeHistoryParams>): Promise<RunbookResult> {
  return runbook('recoverTradeHistory', request, async (run, params) => {
    const dates = spanOf(params);
    if (dates === undefined) throw ApplicationFailure.nonRetryable('the dates are no span', '30004');
    const { span, past } = await settleSpan({ ...dates, symbols: params.symbols });
    const reports: RecoveryReport[] = [];
    const recover = async (part: HistoryPart): Promise<string> => {
      const report = await recoverPart(part, span);
      reports.push(report);
      return reportWords(report);
    };
    await run.step(STEPS.executions, () => recover('executions'), { interruptible: true });
    await run.step(STEPS.orders, () => recover('orders'), { interruptible: true });
    await run.step(STEPS.candles, () => recover('candles'), { interruptible: true });
    await run.step(STEPS.trades, () => recover('trades'), { interruptible: true });
    await run.step(STEPS.verify, async () => {
      const further = await verifyHistory(past);
      reports.push(...further);
      return further.length === 0 ? 'nothing is missing' : `nothing is missing any more; a further round found ${reportWords(mergedReports(further))}`;
    }, { interruptible: true });
    const whole = mergedReports(reports);
    run.figure('recovered', whole as unknown as Json);
    for (const what of whole.left) run.leaveByHand(what);
    return `recovered: ${reportWords(whole)}`;
  });
}

/** What recovering a span would do: how much there is to ask for, and, of a short span, what is missing. Reads only. */
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import { spanOf, type RecoverTradeHistoryParams } from '../../../core/runbooks/recover-trade-history.js';
import { recoverExecutions, recoverOrders, type FactDependencies } from './recover-facts.js';
import { mergedReports, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import { windowsOf, type Span } from './sweep.js';

/** More than this many requests are not made for a plan. */
const LOOKED_AT_MAX = 10;

export async function planRecovery(deps: FactDependencies, params: RecoverTradeHistoryParams): Promise<PlanFindings> {
  const dates = spanOf(params);
  if (dates === undefined) return refused(`${params.start_date} to ${params.end_date} is no span: give two dates such as 2024-09-01, the earlier one first`);
  const span: Span = { ...dates, symbols: params.symbols };
  const pieces = windowsOf(span);
  const missing = pieces.length <= LOOKED_AT_MAX ? await missingOf(deps, span) : undefined;
  const what = params.symbols.length === 0 ? 'all symbols' : params.symbols.join(', ');
  return {
    targets: [`the ledger from ${new Date(span.fromMs).toISOString()} to ${new Date(span.untilMs).toISOString()}, ${what}`],
    effects: [
      `the exchange is asked for ${pieces.length} windows of at most 7 days each, for executions and again for orders, and for the candles that are missing`,
      missing === undefined ? 'what the ledger lacks is inserted' : `${missing} will be inserted`,
      'trades whose row is missing or contradicts their executions are rebuilt; nothing else is changed, nothing is deleted',
    ],
    warnings: [], refusals: [],
    found: { windows: pieces.length, missing: missing ?? null },
  };
}

async function missingOf(deps: FactDependencies, span: Span): Promise<string> {
  const { kinds } = mergedReports([await recoverExecutions(deps, span, { dryRun: true }), await recoverOrders(deps, span, { dryRun: true })]);
  return (['executions', 'funding', 'orders'] satisfies (keyof RecoveryReport['kinds'])[]).map((kind) => `${kinds[kind].missing} ${kind}`).join(', ');
}

function refused(because: string): PlanFindings {
  return { targets: [], effects: [], warnings: [], refusals: [because], found: null };
}

/**
 * Reconciling, as activities. Comparing only reads; the repair of orders is idempotent: the exchange's newer word wins, and an
 * order is only said to be gone while the ledger has heard nothing of it since.
 */
import { dec, toDecimalString } from '../../../core/money/decimal.js';
import { isTerminal } from '../../../core/orders/order.js';
import type { TransactionLogEntry } from '../../../core/ports/exchange.js';
import type { RecordedOrder } from '../../../core/ports/history-ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import { agrees, provenSpan, type OrderDifference } from '../../../core/reconciliation/reconcile.js';
import { candidateWords, differenceLines, summaryWords } from '../../../core/reconciliation/reconciliation-words.js';
import { candidatesFor } from '../../../core/reconciliation/what-if.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import { isWhatIf, type ReconcileBalanceParams } from '../../../core/runbooks/reconcile-balance.js';
import { withActivityFailures } from '../../failure.js';
import { planned, type PlanDependencies } from '../framework/planned.js';
import { windowsOf } from '../history/sweep.js';
import { compareBooks, type AccountDependencies } from './read-account.js';

export interface ReconcileDependencies extends Omit<PlanDependencies, 'ledger'>, AccountDependencies {
  logger: Logger;
}

/** What a run needs to know of a comparison; the executions themselves stay here. */
export interface ComparedAccount {
  agrees: boolean;
  /** USDT, exchange − ledger */
  difference: string;
  unexplained: string;
  /** plain words */
  summary: string;
  lines: string[];
  /** what the exchange proves and the ledger lacks; null: nothing of the kind */
  proven: { fromMs: number; untilMs: number } | null;
  orders: OrderDifference[];
}

export type ReconcileActivities = ReturnType<typeof createReconcileActivities>;

/** What a record keeps of it. */
const LINES_KEPT_MAX = 100;

export function createReconcileActivities(deps: ReconcileDependencies) {
  return withActivityFailures({
    planReconcileBalance: planned('reconcileBalance', deps, (params) => Promise.resolve(planReconcile(params))),
    compareAccounts: () => compare(deps),
    couldExplain: (balances: { exchange: string; database: string }) => couldExplain(deps, balances),
    repairOrders: (differences: readonly OrderDifference[]) => repairOrders(deps, differences),
    alertOnDifferences: (alarm: { runId: string; lines: readonly string[] }) => alert(deps, alarm),
  }, deps.logger);
}

function planReconcile(params: ReconcileBalanceParams): PlanFindings {
  const half = (params.exchange_balance === null) !== (params.database_balance === null);
  return {
    targets: ['the ledger since its opening, and the account at the exchange'],
    effects: isWhatIf(params)
      ? ['the movements of the account are read; nothing is changed', 'the run says which of them could explain the difference']
      : ['both books are compared: balance, positions, orders, executions, funding', 'what the exchange has and the ledger lacks is inserted, and the trades of that span are rebuilt', 'everything else is told, and changed by nobody'],
    warnings: [],
    refusals: half ? ['exchange_balance and database_balance belong together: give both for a what-if, or none'] : [],
    found: null,
  };
}

async function compare(deps: ReconcileDependencies): Promise<ComparedAccount> {
  const { found, fromMs, untilMs } = await compareBooks(deps);
  return {
    agrees: agrees(found), difference: found.difference, unexplained: found.unexplained, summary: summaryWords(found), lines: differenceLines(found).slice(0, LINES_KEPT_MAX),
    proven: provenSpan(found, { fromMs, untilMs }) ?? null, orders: found.orders,
  };
}

/** Which movements of the account add up to the difference that somebody has seen; in plain words, the likeliest first. */
async function couldExplain(deps: ReconcileDependencies, { exchange, database }: { exchange: string; database: string }): Promise<{ difference: string; lines: string[] }> {
  const difference = toDecimalString(dec(toDecimalString(exchange)).minus(dec(toDecimalString(database))));
  const { found, fromMs, untilMs } = await compareBooks(deps);
  const known = found.difference === difference ? [`exactly the difference that there is now: ${summaryWords(found)}`] : [];
  const transactions: TransactionLogEntry[] = [];
  for (const window of windowsOf({ fromMs, untilMs, symbols: [] })) {
    transactions.push(...(await deps.exchange.transactions(window)));
    await deps.pulse(0);
  }
  const movements = transactions.map(({ id, type, symbol, change, atMs }) => ({ id, what: `${type} ${symbol}`.trim(), change, atMs }));
  return { difference, lines: [...known, ...candidatesFor(difference, movements).map(candidateWords)] };
}

async function repairOrders(deps: ReconcileDependencies, differences: readonly OrderDifference[]): Promise<string> {
  const ledger = await deps.ledger();
  const wanted = new Set(differences.filter(({ kind }) => kind === 'unknown').map(({ orderId }) => orderId));
  const unknown = (await deps.exchange.openOrders()).filter(({ orderId }) => wanted.has(orderId));
  await ledger.saveOrders(unknown);
  const over = new Set(differences.filter(({ kind }) => kind === 'over').map(({ orderId }) => orderId));
  let [ended, gone] = [0, 0];
  for (const order of (await ledger.ordersBelievedOpen()).filter(({ orderId }) => over.has(orderId))) {
    if (await heardItsEnd(deps, ledger, order)) ended += 1;
    else if (await ledger.markOrderGone(order, await newestInstant(deps))) gone += 1;
    await deps.pulse(0);
  }
  return `${unknown.length} open orders taken over, ${ended} ended ones taken over, ${gone} marked that the exchange knows no more`;
}

async function heardItsEnd({ exchange }: ReconcileDependencies, ledger: Ledger, { orderId, symbol, createdMs }: RecordedOrder): Promise<boolean> {
  const order = (await exchange.orderHistory({ symbol, fromMs: createdMs })).find((candidate) => candidate.orderId === orderId && isTerminal(candidate.status));
  if (order !== undefined) await ledger.saveOrders([order]);
  return order !== undefined;
}

async function newestInstant({ exchange }: ReconcileDependencies): Promise<number> {
  return (await exchange.wallet()).asOfMs;
}

async function alert(deps: ReconcileDependencies, { runId, lines }: { runId: string; lines: readonly string[] }): Promise<void> {
  const message = `Exchange and ledger differ after the reconciliation: ${lines.join('; ')}`;
  deps.logger.critical(message, { code: 40007, differences: lines.length });
  await (await deps.ledger()).saveEvent({ eventId: `reconciliation-${runId}`, atMs: deps.now(), code: 40007, severity: 'critical', source: 'reconcileBalance', message, context: { lines: [...lines] } });
}

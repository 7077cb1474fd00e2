/**
 * Recovering history, as activities: part by part, resumed after the death of a worker where the last piece ended.
 * Each is idempotent: what it finds in the ledger it leaves alone.
 */
import { BotError } from '../../../core/errors/bot-error.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import { HISTORY_PARTS, type HistoryPart } from '../../../core/runbooks/recover-trade-history.js';
import { withActivityFailures } from '../../failure.js';
import { marketNow } from '../../trade/market-now.js';
import { planned, type PlanDependencies } from '../framework/planned.js';
import { planRecovery } from './recovery-plan.js';
import type { FactDependencies } from './recover-facts.js';
import { recoverPart } from './recover-history.js';
import { mergedReports, isWhole, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import type { Span, SweepState } from './sweep.js';

export interface HistoryDependencies extends PlanDependencies {
  exchange: FactDependencies['exchange'];
  ledger(): Promise<Ledger>;
  /** what the configuration trades */
  series: FactDependencies['series'];
  logger: Logger;
  progress: Progress;
}

/** Of the running activity. */
export interface Progress {
  /** what an earlier attempt kept; undefined: nothing */
  kept(): unknown;
  /** rejects or throws when the activity is to end */
  keep(state: unknown): void;
}

export interface PartRequest {
  part: HistoryPart;
  span: Span;
}

/** The market's clock is late by up to five minutes, and what is filled right now comes on top. */
const PRESENT_MARGIN_MS = 360_000;

export interface SettledSpan {
  /** without what the market has not come to yet */
  span: Span;
  /** the part of it that is past: nothing happens in it any more */
  past: Span;
}

export type HistoryActivities = ReturnType<typeof createHistoryActivities>;

export function createHistoryActivities(deps: HistoryDependencies) {
  return withActivityFailures({
    planRecoverTradeHistory: planned('recoverTradeHistory', deps, async (params) => planRecovery(await factsOf(deps), params)),
    settleSpan: (span: Span) => settle(deps, span),
    recoverHistory: (request: PartRequest) => recover(deps, request),
    verifyHistory: (span: Span) => verify(deps, span),
  }, deps.logger);
}

async function settle(deps: HistoryDependencies, span: Span): Promise<SettledSpan> {
  const nowMs = await marketNowOf(deps, span.symbols);
  const until = (limitMs: number): Span => ({ ...span, untilMs: Math.min(span.untilMs, limitMs) });
  return { span: until(nowMs + PRESENT_MARGIN_MS), past: until(nowMs) };
}

async function recover(deps: HistoryDependencies, request: PartRequest): Promise<RecoveryReport> {
  const from = deps.progress.kept() as SweepState | undefined;
  const presentMs = (await marketNowOf(deps, request.span.symbols)) + PRESENT_MARGIN_MS;
  return recoverPart(await factsOf(deps), request, { presentMs, onProgress: (state) => deps.progress.keep(state), ...(from === undefined ? {} : { from }) });
}

/** Looks for all of it once more and inserts nothing. Rejects with 40005 when anything is missing. */
async function verify(deps: HistoryDependencies, span: Span): Promise<RecoveryReport> {
  const [facts, nowMs] = await Promise.all([factsOf(deps), marketNowOf(deps, span.symbols)]);
  const reports: RecoveryReport[] = [];
  for (const part of HISTORY_PARTS) reports.push(await recoverPart(facts, { part, span }, { presentMs: nowMs + PRESENT_MARGIN_MS, dryRun: true }));
  const report = mergedReports(reports);
  if (isWhole(report)) return report;
  const { kinds, trades } = report;
  const missing = [...Object.entries(kinds), ['trades', { missing: trades.missing + trades.wrong }] as const].filter(([, count]) => count.missing > 0).map(([name, count]) => `${count.missing} ${name}`);
  throw new BotError(40005, `still missing or wrong after the recovery: ${missing.join(', ')}`, { fix: 'run the recovery again; if it stays, compare both books: npm run check:ledger', retryable: false });
}

async function factsOf({ exchange, ledger, series }: HistoryDependencies): Promise<FactDependencies> {
  return { exchange, series, ledger: await ledger() };
}

/** The market's own clock: a replayed market has no other. */
async function marketNowOf({ exchange, series }: Pick<HistoryDependencies, 'exchange' | 'series'>, symbols: readonly string[]): Promise<number> {
  const symbol = symbols[0] ?? series[0]?.symbol;
  if (symbol === undefined) throw new BotError(10002, 'the configuration trades no symbol, and none was named', { fix: 'name the symbols that are to be recovered' });
  const nowMs = await marketNow(exchange, symbol);
  if (nowMs === 0) throw new BotError(40001, `${symbol} has no closed candle: the market's present is not known`);
  return nowMs;
}

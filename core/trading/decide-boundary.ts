/**
 * The bot's decision at one candle boundary, as data. Everything it depends on is an argument, so the same report and the
 * same state give the same actions, in whatever process and after whatever crash it is asked.
 *
 * Invariants
 * 1. Strategies are asked in the order of the configuration, each seeing the room that earlier ones reserved.
 * 2. A strategy acts at most once per boundary, so deciding again after a wait adds nothing but what was held back.
 * 3. Exits need no agreement; a trade whose position the exchange does not show is left to its own inspection.
 * 4. Strategies that want opposite sides of one symbol at one boundary both get nothing (20010): neither is more right.
 */
import type { ErrorCode } from '../errors/catalogue.js';
import type { ApprovedEntry } from '../orders/approved-order.js';
import type { Side, Wallet } from '../orders/order.js';
import type { Agreement } from '../reconciliation/agreement.js';
import type { HeldTrade } from '../reconciliation/compare-account.js';
import { decideEntry } from '../risk/decide-entry.js';
import { equityObserved, type RiskState } from '../risk/risk-state.js';
import type { DecimalString } from '../money/decimal.js';
import type { Condition } from '../strategies/strategy.js';
import type { BoundaryReport, StrategyReport } from './boundary-report.js';

/** An open trade of a strategy, as the bot knows it. */
export interface StrategyTrade extends HeldTrade {
  strategy: string;
}

export interface BoundaryInput {
  closeMs: number;
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  report: BoundaryReport;
  /** the first wallet seen at this boundary: sizing does not depend on what was done since */
  wallet: Wallet;
  agreement: Agreement;
  risk: RiskState;
  trades: readonly StrategyTrade[];
  /** names of the strategies that have acted at this boundary already */
  acted: readonly string[];
}

export type BoundaryAction =
  | { kind: 'enter'; strategy: string; order: ApprovedEntry; referencePrice: DecimalString }
  | { kind: 'exit'; strategy: string; tradeId: string; reason: string };

/** Why a strategy did, or did not, act: the answer to "why no trade". */
export interface Verdict {
  strategy: string;
  signal: 'enter' | 'exit' | 'hold' | 'not_due' | 'problem';
  code: ErrorCode | null;
  message: string;
  conditions: Condition[];
}

export interface BoundaryDecision {
  actions: BoundaryAction[];
  verdicts: Verdict[];
  risk: RiskState;
}

export function decideBoundary(input: BoundaryInput): BoundaryDecision {
  const { report, wallet, closeMs } = input;
  const start: BoundaryDecision = {
    actions: [],
    verdicts: [],
    risk: equityObserved(input.risk, { nowMs: closeMs, equity: wallet.equity }, report.limits),
  };
  return report.strategies.reduce((decision, strategy) => decideStrategy(input, strategy, decision), start);
}

function decideStrategy(input: BoundaryInput, strategy: StrategyReport, sofar: BoundaryDecision): BoundaryDecision {
  const { finding } = strategy;
  if (finding.kind === 'not_due') return withVerdict(sofar, { strategy: strategy.name, signal: 'not_due', code: null, message: strategy.enabled ? 'no candle of its interval closed' : 'disabled', conditions: [] });
  if (finding.kind === 'problem') return withVerdict(sofar, { strategy: strategy.name, signal: 'problem', code: finding.code, message: finding.message, conditions: [] });
  const { signal } = finding;
  const verdict = { strategy: strategy.name, signal: signal.kind, code: null, conditions: signal.conditions };
  if (input.acted.includes(strategy.name)) return withVerdict(sofar, { ...verdict, message: 'acted at this candle already' });
  switch (signal.kind) {
    case 'hold':
      return withVerdict(sofar, { ...verdict, message: 'conditions not met' });
    case 'exit':
      return decideExit(input, { strategy, reason: signal.reason, verdict }, sofar);
    case 'enter':
      return decideEntryOf(input, { strategy, signal, verdict }, sofar);
  }
}

/** The enabled strategy that wants the other side of the same symbol at this boundary, if there is one. */
function opponentOf(strategy: StrategyReport, side: Side, reports: readonly StrategyReport[]): StrategyReport | undefined {
  return reports.find((other) => other.name !== strategy.name && other.symbol === strategy.symbol && other.enabled
    && other.finding.kind === 'signal' && other.finding.signal.kind === 'enter' && other.finding.signal.side !== side);
}

interface ExitCase { strategy: StrategyReport; reason: string; verdict: Omit<Verdict, 'message'> }

function decideExit(input: BoundaryInput, { strategy, reason, verdict }: ExitCase, sofar: BoundaryDecision): BoundaryDecision {
  const trade = input.trades.find((held) => held.strategy === strategy.name && held.state === 'open');
  if (!trade) return withVerdict(sofar, { ...verdict, message: 'no open trade to exit' });
  if (input.lifecycle === 'stopped') return withVerdict(sofar, { ...verdict, message: 'the bot is stopped; the exchange-side stop protects the position' });
  if (!input.report.positions.some((position) => position.symbol === trade.symbol)) {
    return withVerdict(sofar, { ...verdict, message: 'the exchange shows no position any more' });
  }
  const action = { kind: 'exit' as const, strategy: strategy.name, tradeId: trade.tradeId, reason };
  return withVerdict({ ...sofar, actions: [...sofar.actions, action] }, { ...verdict, message: reason });
}

interface EntryCase { strategy: StrategyReport; signal: Parameters<typeof decideEntry>[0]['signal']; verdict: Omit<Verdict, 'message'> }

function decideEntryOf(input: BoundaryInput, { strategy, signal, verdict }: EntryCase, sofar: BoundaryDecision): BoundaryDecision {
  if (!strategy.enabled) return withVerdict(sofar, { ...verdict, code: 20009, message: 'disabled: no entries, exits go on' });
  const opponent = opponentOf(strategy, signal.side, input.report.strategies);
  if (opponent) {
    const message = `conflicting signals on ${strategy.symbol}: ${signal.side} here, the opposite side by ${opponent.name}; neither is followed`;
    return withVerdict(sofar, { ...verdict, code: 20010, message });
  }
  const symbol = input.report.symbols[strategy.symbol];
  if (!symbol) return withVerdict(sofar, { ...verdict, code: 40001, message: `no price of ${strategy.symbol}` });
  const { closeMs, lifecycle, agreement, wallet, report } = input;
  const answer = decideEntry({
    strategy: strategy.name, symbol: strategy.symbol, signal, decidedMs: closeMs, nowMs: symbol.nowMs, lifecycle, agreement,
    state: sofar.risk, limits: report.limits, instrument: symbol.instrument, ticker: symbol.ticker, wallet, positions: report.positions,
  });
  if (answer.kind === 'refused') return withVerdict({ ...sofar, risk: answer.state }, { ...verdict, code: answer.code, message: answer.message });
  const action = { kind: 'enter' as const, strategy: strategy.name, order: answer.order, referencePrice: signal.referencePrice };
  const message = `approved: ${answer.order.side} ${answer.order.qty} ${strategy.symbol}, stop ${answer.order.stopLoss}`;
  return withVerdict({ ...sofar, actions: [...sofar.actions, action], risk: answer.state }, { ...verdict, message });
}

function withVerdict(decision: BoundaryDecision, verdict: Verdict): BoundaryDecision {
  return { ...decision, verdicts: [...decision.verdicts, verdict] };
}

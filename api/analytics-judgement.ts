/** Brings together what a judgement of the strategies needs from the ledger, and passes it to the definition that was asked for. */
import { accountPerformance, equityCurve, type AccountPerformance } from '../core/analytics/account-performance.js';
import { withNewest } from '../core/analytics/daily-pnl.js';
import type { Definition } from '../core/analytics/figure.js';
import { freqtradePerformance } from '../core/analytics/freqtrade-performance.js';
import type { Performance, PerformanceInput } from '../core/analytics/performance.js';
import { textbookPerformance } from '../core/analytics/textbook-performance.js';
import { boundaryAtOrBefore } from '../core/market/interval.js';
import { dec, toDecimalString, ZERO, type DecimalString } from '../core/money/decimal.js';
import type { ClosedTrade, EquityReading } from '../core/ports/analytics-ledger.js';
import type { Ledger } from '../core/ports/ledger.js';
import { asOf, closedTradesIn, spanOf, type MarketNow, type Span } from './analytics-span.js';

export interface Question {
  since: number | undefined;
  until: number | undefined;
  definition: Definition;
  now: MarketNow;
}

export interface StrategyJudgement {
  /** null: all strategies together */
  strategy: string | null;
  openTrades: number | null;
  unrealisedPnl: DecimalString | null;
  performance: Performance;
}

export interface Judgement {
  asOfMs: number;
  definition: Definition;
  sinceMs: number;
  untilMs: number;
  startMs: number;
  endMs: number;
  openingEquity: DecimalString | null;
  account: AccountPerformance;
  total: StrategyJudgement;
  strategies: StrategyJudgement[];
}

const performanceBy: Record<Definition, (input: PerformanceInput) => Performance> = { textbook: textbookPerformance, freqtrade: freqtradePerformance };

export async function judge(ledger: Ledger, { since, until, definition, now: { nowMs, wallet } }: Question): Promise<Judgement> {
  const span = spanOf({ since, until }, nowMs);
  const [trades, found, names, held] = await Promise.all([closedTradesIn(ledger, span), ledger.openingEquity(span.sinceMs), ledger.strategyNames(), span.endsNow ? openPositions(ledger) : null]);
  const endMs = Math.max(span.untilMs, asOf(span, trades) + 1);
  const opening = found !== null && found.asOfMs < endMs ? found : null;
  const startMs = Math.min(Math.max(span.sinceMs, opening?.asOfMs ?? 0), trades[0]?.closedMs ?? Number.MAX_SAFE_INTEGER);
  const frame = { openingEquity: opening?.equity ?? null, startMs, endMs };
  const strategies = [...new Set([...names, ...trades.map(({ strategy }) => strategy), ...(held ?? []).map(({ strategy }) => strategy)])].sort();
  const judged = (strategy: string | null): StrategyJudgement => judgeOne(strategy, { trades, held, frame, definition });
  return {
    asOfMs: asOf(span, trades), definition, sinceMs: span.sinceMs, untilMs: span.endsNow ? asOf(span, trades) : span.untilMs, startMs, endMs, openingEquity: frame.openingEquity,
    account: accountPerformance(definition, await curveOf(ledger, { span, opening, startMs, wallet })),
    total: judged(null),
    strategies: strategies.map(judged),
  };
}

interface OpenPosition {
  strategy: string;
  unrealisedPnl: DecimalString;
}

/** Open trades of the bot with the unrealised profit that the exchange last reported for their position. */
async function openPositions(ledger: Ledger): Promise<OpenPosition[]> {
  const [positions, trades] = await Promise.all([ledger.positions(), ledger.openTrades()]);
  return positions.flatMap(({ position }) => {
    const trade = trades.find(({ symbol, side }) => symbol === position.symbol && side === position.side);
    return trade === undefined ? [] : [{ strategy: trade.strategy, unrealisedPnl: position.unrealisedPnl }];
  });
}

interface Evidence {
  trades: readonly ClosedTrade[];
  held: readonly OpenPosition[] | null;
  frame: Pick<PerformanceInput, 'openingEquity' | 'startMs' | 'endMs'>;
  definition: Definition;
}

function judgeOne(strategy: string | null, { trades, held, frame, definition }: Evidence): StrategyJudgement {
  const own = <T extends { strategy: string }>(all: readonly T[]): T[] => all.filter((each) => strategy === null || each.strategy === strategy);
  const open = held === null ? null : own(held);
  const unrealisedPnl = open === null ? null : toDecimalString(open.reduce((total, { unrealisedPnl: unrealised }) => total.plus(dec(unrealised)), ZERO));
  return { strategy, openTrades: open?.length ?? null, unrealisedPnl, performance: performanceBy[definition]({ ...frame, trades: own(trades), unrealisedPnl }) };
}

interface Curve {
  span: Span;
  opening: EquityReading | null;
  startMs: number;
  wallet: EquityReading | null;
}

/** Ends of days within the span; of a past span whose end cuts a day that day is left out. */
async function curveOf(ledger: Ledger, { span, opening, startMs, wallet }: Curve): Promise<EquityReading[]> {
  const records = await ledger.dayRecords({ firstDayMs: boundaryAtOrBefore(startMs, 'D'), lastDayMs: boundaryAtOrBefore(span.untilMs - 1, 'D') });
  const updated = span.endsNow ? records.map((record) => withNewest(record, wallet)) : records;
  return equityCurve(opening, updated.filter(({ last }) => last !== null && (span.endsNow || last.asOfMs <= span.untilMs)));
}

/**
 * The span of trading time that an analysis is of, and the closed trades in it.
 *
 * Invariants
 * 1. Spans and rows are bounded; what is beyond is refused with the way to narrow it, never cut off in silence.
 * 2. Without `until` the span is open: it ends now on the market's clock, or with a fill that came after that.
 */
import { z } from 'zod';
import { boundaryAtOrBefore } from '../core/market/interval.js';
import type { ClosedTrade, EquityReading } from '../core/ports/analytics-ledger.js';
import type { Ledger } from '../core/ports/ledger.js';
import { RefusedRequest } from './problem.js';
import { tradingNowMs } from './trading-time.js';

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 90;
const SPAN_DAYS_MAX = 1_100;
const TRADES_MAX = 20_000;

const instantQuery = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).transform((text) => Date.parse(text)).optional();

export const spanQuery = {
  since: instantQuery.meta({ description: `a date or an instant of trading time, as in 2026-01-31 or 2026-01-31T12:00:00Z, at most ${SPAN_DAYS_MAX} days before until; without it ${DAYS_DEFAULT} UTC days, the last one included` }),
  until: instantQuery.meta({ description: 'a date or an instant of trading time, after since; without it now' }),
};

export interface MarketNow {
  /** exchange ms of the newest fact known: the decided candle or the reading of the wallet */
  nowMs: number;
  wallet: EquityReading | null;
}

export async function marketNow(ledger: Ledger, clock: () => number): Promise<MarketNow> {
  const [wallet, decidedMs] = await Promise.all([ledger.latestWallet(), tradingNowMs(ledger, clock)]);
  if (wallet === null) return { nowMs: decidedMs, wallet: null };
  const { equity, unrealisedPnl } = wallet;
  const asOfMs = isMarketTime(wallet.asOfMs, decidedMs) ? wallet.asOfMs : decidedMs;
  return { nowMs: asOfMs, wallet: { asOfMs, equity, unrealisedPnl } };
}

/** The simulated exchange dates its replies by the host's clock, also when its market is of another year: then the decision dates the wallet. */
function isMarketTime(asOfMs: number, decidedMs: number): boolean {
  return asOfMs >= decidedMs && asOfMs - decidedMs < DAY_MS;
}

export interface Span {
  sinceMs: number;
  /** end, not included */
  untilMs: number;
  /** whether it ends now, so that open positions belong to it */
  endsNow: boolean;
}

export function spanOf({ since, until }: { since: number | undefined; until: number | undefined }, nowMs: number): Span {
  const endsNow = until === undefined || until > nowMs;
  const untilMs = endsNow ? nowMs + 1 : until;
  const sinceMs = since ?? boundaryAtOrBefore(untilMs - 1, 'D') - (DAYS_DEFAULT - 1) * DAY_MS;
  if (sinceMs < 0) throw refused('lies before 1970', 'give a since after 1970-01-01');
  if (sinceMs >= untilMs) throw refused('is not before until, or not in the past', 'give a since that lies before until, both in trading time');
  if (untilMs - sinceMs > SPAN_DAYS_MAX * DAY_MS) throw refused(`is more than ${SPAN_DAYS_MAX} days before the end`, `give a since at most ${SPAN_DAYS_MAX} days before until`);
  return { sinceMs, untilMs, endsNow };
}

function refused(problem: string, fix: string): RefusedRequest {
  return new RefusedRequest(400, `wrong query: since ${problem}`, { fix, fields: [{ field: 'since', problem, fix }] });
}

/** With a span that ends now also those which closed in the moment since. */
export async function closedTradesIn(ledger: Ledger, { sinceMs, untilMs, endsNow }: Span): Promise<ClosedTrade[]> {
  const trades = await ledger.closedTrades({ fromMs: sinceMs, untilMs: endsNow ? untilMs + DAY_MS : untilMs, limit: TRADES_MAX + 1 });
  if (trades.length > TRADES_MAX) throw refused(`lets in more than ${TRADES_MAX} closed trades`, 'narrow the span with since and until');
  return trades;
}

/** Exchange ms that the figures are of: now, or the last exit when that is younger. */
export function asOf({ untilMs }: Span, trades: readonly ClosedTrade[]): number {
  return Math.max(untilMs - 1, trades.at(-1)?.closedMs ?? 0);
}

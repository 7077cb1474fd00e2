/**
 * Whether the candles of one series are there, recent and without holes, judged on the market's clock.
 *
 * Invariant: in a replay the market's clock is years from the host's, so the host's clock is used only when the bot's
 * decisions show that the market runs on it.
 */
import { closeMs, type Candle } from '../market/candle.js';
import { continuityFindings, type ContinuityFinding } from '../market/continuity.js';
import { boundaryAtOrBefore, intervalMs, type Interval } from '../market/interval.js';

/** A candle is late when it has not come so long after its close: the feed's own check (10 s) and the fetch by REST come first. */
export const LATE_AFTER_MS = 60_000;

export interface MarketClockFacts {
  hostNowMs: number;
  /** exchange ms: every candle up to this close has been dealt with; 0 before the first */
  decidedThroughMs: number;
  /** host ms of that decision; 0 before the first */
  lastDecisionAtMs: number;
  /** newest candle close that the ledger knows of any series, ms; 0: none */
  newestCloseMs: number;
  /** length of the finest series, ms */
  finestMs: number;
}

export interface MarketClock {
  nowMs: number;
  /** host: the market runs on real time · market: a replay, whose newest candle is all that is known of its time */
  runs: 'host' | 'market';
}

/** A decision is taken soon after its candle closes; only on a market that runs on the host's clock is that soon on this host too. */
export function marketClock({ hostNowMs, decidedThroughMs, lastDecisionAtMs, newestCloseMs, finestMs }: MarketClockFacts): MarketClock {
  const delayMs = lastDecisionAtMs - decidedThroughMs;
  const isReal = decidedThroughMs > 0 && lastDecisionAtMs > 0 && delayMs > -LATE_AFTER_MS && delayMs < finestMs + LATE_AFTER_MS;
  if (isReal) return { nowMs: hostNowMs, runs: 'host' };
  const knownMs = Math.max(decidedThroughMs, newestCloseMs);
  return knownMs === 0 ? { nowMs: hostNowMs, runs: 'host' } : { nowMs: knownMs, runs: 'market' };
}

export interface SeriesFacts {
  symbol: string;
  interval: Interval;
  /** the enabled strategies that decide on it */
  strategies: readonly string[];
  /** the newest ones, ascending */
  candles: readonly Candle[];
  /** on the market's clock */
  nowMs: number;
}

export interface SeriesHealth {
  symbol: string;
  interval: Interval;
  strategies: string[];
  state: 'fresh' | 'late' | 'empty';
  /** how many candles were looked at */
  candles: number;
  newestCloseMs: number | null;
  /** the close that should be there by now, ms */
  expectedCloseMs: number;
  /** trading time since the newest close, ms */
  ageMs: number | null;
  /** holes and contradictions within the candles that were looked at */
  gaps: ContinuityFinding[];
}

export function seriesHealth({ symbol, interval, strategies, candles, nowMs }: SeriesFacts): SeriesHealth {
  const newest = candles.at(-1);
  const newestCloseMs = newest === undefined ? null : closeMs(newest);
  const expectedCloseMs = boundaryAtOrBefore(Math.max(0, nowMs - LATE_AFTER_MS), interval);
  return {
    symbol, interval, strategies: [...strategies], candles: candles.length, newestCloseMs, expectedCloseMs,
    state: stateOf(newestCloseMs, expectedCloseMs),
    ageMs: newestCloseMs === null ? null : Math.max(0, nowMs - newestCloseMs),
    gaps: continuityFindings(candles),
  };
}

function stateOf(newestCloseMs: number | null, expectedCloseMs: number): SeriesHealth['state'] {
  if (newestCloseMs === null) return 'empty';
  return newestCloseMs >= expectedCloseMs ? 'fresh' : 'late';
}

/** Candles that should be there and are not. */
export function missingCandles({ newestCloseMs, expectedCloseMs, interval }: SeriesHealth): number {
  return newestCloseMs === null ? 0 : Math.max(0, Math.round((expectedCloseMs - newestCloseMs) / intervalMs(interval)));
}

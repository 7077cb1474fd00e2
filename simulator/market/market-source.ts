/**
 * What a market that is known in advance (recorded or generated) offers the simulated exchange. All instants are market
 * time in ms. The live market has no such thing as a future and is driven by its upstream instead (`live-market.ts`).
 */
import type { DecimalString } from '../../core/money/decimal.js';
import type { BarSeries } from './candle-series.js';

export interface FundingRate {
  /** settlement instant, ms */
  atMs: number;
  rate: DecimalString;
}

export interface KnownMarket {
  readonly kind: 'replay' | 'synthetic';
  /** plain words for the operator */
  readonly description: string;
  readonly symbols: readonly string[];
  /** length of a base candle, ms */
  readonly stepMs: number;
  /** the first candle that is played starts here; older ones are history */
  readonly startMs: number;
  /** the market ends here, exclusive; Infinity when it never does */
  readonly endMs: number;
  series(symbol: string): BarSeries;
  /** Mark price when the last price is `last`. */
  markPrice(symbol: string, atMs: number, last: DecimalString): DecimalString;
  /** The rate that settles at the funding instant. */
  fundingRate(symbol: string, settlementMs: number): DecimalString;
}

/** Funding settles at 00, 08 and 16 UTC (Bybit, fundingInterval 480 min). */
export const FUNDING_INTERVAL_MS = 8 * 3_600_000;
/** Bybit's default rate: interest 0.01% per 8 h. */
export const DEFAULT_FUNDING_RATE = '0.0001' as DecimalString;

export function nextFundingMs(atMs: number): number {
  return (Math.floor(atMs / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
}

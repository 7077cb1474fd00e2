/**
 * What the simulated exchange shows of its market to anybody: candles, tickers, book, funding, and the public topics.
 * Two kinds exist: one played from a known market, one relayed from an upstream exchange.
 */
import type { Interval } from '../../core/market/interval.js';
import type { DecimalString } from '../../core/money/decimal.js';
import type { Bar } from './candle-series.js';
import type { FundingRate } from './market-source.js';

export interface KlineQuery {
  symbol: string;
  interval: Interval;
  /** first and last candle start, inclusive, ms */
  startMs: number | undefined;
  endMs: number | undefined;
  limit: number;
}

export interface FundingQuery {
  symbol: string;
  /** inclusive, ms */
  startMs: number | undefined;
  endMs: number | undefined;
  limit: number;
}

/** [price, size] */
export type Level = readonly [DecimalString, DecimalString];
export interface Book {
  /** best first */
  bids: Level[];
  asks: Level[];
  updateId: number;
  seq: number;
}

/** Fields of a Bybit ticker, without the symbol. */
export type TickerFields = Record<string, string>;
export type Frame = { topic: string; type: 'snapshot' | 'delta'; ts: number; data: unknown } & Record<string, unknown>;

export interface PublicMarket {
  readonly kind: 'replay' | 'synthetic' | 'live';
  readonly description: string;
  /** newest first, the forming candle included */
  kline(query: KlineQuery): Promise<Bar[]>;
  ticker(symbol: string): Promise<TickerFields>;
  book(symbol: string, depth: number): Promise<Book>;
  /** newest first */
  fundingHistory(query: FundingQuery): Promise<FundingRate[]>;
  isTopic(topic: string): boolean;
  /** frames of the topic go to the sink from now on; the first one comes at once where the topic has a snapshot */
  subscribe(topic: string): Frame | undefined;
  unsubscribe(topic: string): void;
  onFrame(sink: (frame: Frame) => void): void;
}

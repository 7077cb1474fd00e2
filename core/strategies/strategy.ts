/**
 * The strategy interface. A strategy is a pure function from candles to a signal: no clock, no I/O, no memory.
 * It proposes; `core/risk` disposes. To add one, see docs/STRATEGIES.md.
 */
import type { z } from 'zod';
import type { DecimalString } from '../money/decimal.js';
import type { Candle } from '../market/candle.js';
import type { Interval } from '../market/interval.js';
import type { Side } from '../orders/order.js';

export interface OpenTradeView {
  tradeId: string;
  side: Side;
  entryPrice: DecimalString;
  /** close of the candle on which the entry was decided, ms */
  decidedMs: number;
}

export interface EvaluationInput<P> {
  /** closed candles of the strategy's symbol and interval, ascending, at least `warmUp(parameters)` of them */
  candles: readonly Candle[];
  parameters: P;
  /** the strategy's own open trade, if any */
  openTrade: OpenTradeView | undefined;
}

/** One condition of the strategy with the value it saw, so that "why no trade" has an answer in plain words. */
export interface Condition {
  name: string;
  /** indicator value(s) as text, rounded for reading */
  value: string;
  wanted: string;
  met: boolean;
}

export type Signal =
  | { kind: 'hold'; conditions: Condition[] }
  | {
      kind: 'enter';
      side: Side;
      /** close of the last candle: the price the decision was made at */
      referencePrice: DecimalString;
      /** percent of entry price; undefined: `trading.stop_loss_percent` */
      stopLossPercent?: DecimalString;
      takeProfitPercent?: DecimalString;
      conditions: Condition[];
    }
  | { kind: 'exit'; reason: string; conditions: Condition[] };

export interface Strategy<P = unknown> {
  /** the name used as `name` in the configuration */
  name: string;
  description: string;
  /** validates and completes `parameters` of the configuration; must contain symbol and interval */
  parametersSchema: z.ZodType<P>;
  symbol(parameters: P): string;
  interval(parameters: P): Interval;
  /** number of closed candles evaluate() needs */
  warmUp(parameters: P): number;
  evaluate(input: EvaluationInput<P>): Signal;
}

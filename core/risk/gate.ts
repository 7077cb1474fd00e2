/** Whether one entry rule would let a strategy in now, in plain words: the answer to "why does it not trade". Types only. */
import type { ErrorCode } from '../errors/catalogue.js';

export interface Gate {
  rule: string;
  passes: boolean;
  /** of the refusal that an entry would get; null when it passes */
  code: ErrorCode | null;
  /** the numbers that were compared */
  message: string;
  /** an API call, or what to wait for; null when it passes */
  remedy: string | null;
}

export interface StrategyGates {
  strategy: string;
  symbol: string;
  enabled: boolean;
  /** every gate passes: the next entry signal would be sized and sent */
  mayTrade: boolean;
  gates: Gate[];
}

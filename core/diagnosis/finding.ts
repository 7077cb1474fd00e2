/** What a diagnosis says: one finding per cause, in plain words with its numbers, and the call that helps. Plain JSON. */
import type { ErrorCode } from '../errors/catalogue.js';

/** In the order of weight: a cause further up explains those below it. */
export const CAUSES = [
  /** a part that trading needs does not answer */
  'dependency',
  /** the emergency stop is set */
  'halted',
  /** daily loss, drawdown, number of positions, exposure, cooldown */
  'risk_limits',
  'stopped',
  'paused',
  /** the bot has not yet agreed with the exchange since it started */
  'starting',
  /** exchange, ledger and bot do not tell the same story */
  'disagreement',
  /** candles are missing, late or have gaps; a price is not credible */
  'market_data',
  'insufficient_balance',
  /** a strategy could not be evaluated */
  'strategy_failed',
  'strategy_disabled',
  /** the strategy holds its position already */
  'position_open',
  /** nothing is wrong: the market does not do what the strategy waits for */
  'conditions_not_met',
] as const;
export type Cause = (typeof CAUSES)[number];

/** blocking: no entry passes while it holds · limiting: some strategies may not enter · explaining: nothing is wrong */
export type Weight = 'blocking' | 'limiting' | 'explaining';

export interface DiagnosisFinding {
  cause: Cause;
  weight: Weight;
  code: ErrorCode | null;
  /** the strategies it concerns; empty: all */
  strategies: string[];
  /** plain words with the numbers that were compared */
  message: string;
  /** what to do, or what to wait for */
  remedy: string;
  /** the call to make, ready for a shell */
  call: string;
}

export interface Diagnosis {
  /** blocked: no strategy may enter · limited: some may not · waiting: all may, and wait for their conditions */
  verdict: 'blocked' | 'limited' | 'waiting';
  /** one sentence for a person in a hurry */
  summary: string;
  findings: DiagnosisFinding[];
}

export function byWeight(findings: readonly DiagnosisFinding[]): DiagnosisFinding[] {
  return [...findings].sort((a, b) => CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause));
}

/** What a diagnosis is made from. The views of the bot workflow fit these shapes; null means "could not be read now". */
import type { ErrorCode } from '../errors/catalogue.js';
import type { DecimalString } from '../money/decimal.js';
import type { RiskLimits } from '../risk/risk-limits.js';
import type { SeriesHealth } from './series-health.js';

/** A part that trading needs and that does not answer. */
export interface MissingPart {
  name: string;
  detail: string;
}

export interface BotFacts {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  reason: string;
  /** workflow time of the last change of lifecycle, ms */
  sinceMs: number;
  blockedBecause: string | undefined;
}

/** One rule of risk about entries of one strategy, judged without a signal. */
export interface GateFacts {
  rule: string;
  passes: boolean;
  code: ErrorCode | null;
  message: string;
  remedy: string | null;
}

export interface RiskFacts {
  dayStartEquity: DecimalString | undefined;
  /** USDT, negative is a loss */
  dayPnl: DecimalString | undefined;
  dailyLossLimitHit: boolean;
  /** USDT that may still be lost today */
  dayLossBudget: DecimalString | undefined;
  /** end of the UTC day of trading time, ms */
  resetsAtMs: number;
  limits: RiskLimits;
  peakEquity: DecimalString | undefined;
  drawdownPercent: DecimalString | undefined;
  maxDrawdownHit: boolean;
  halt: { haltId: string; atMs: number; reason: string } | null;
  strategies: readonly { strategy: string; gates: readonly GateFacts[] }[];
}

export interface StrategyFacts {
  name: string;
  enabled: boolean;
  enabledBy: 'configuration' | 'operator';
  symbol: string;
  interval: string;
  /** close of the newest candle it was evaluated on, ms; 0 before the first */
  lastEvaluatedMs: number;
  lastSignal: string;
  conditions: readonly { name: string; value: string; wanted: string; met: boolean }[];
  problem: { code: ErrorCode; message: string } | null;
}

export interface WalletFacts {
  equity: DecimalString;
  /** USDT free for new margin */
  available: DecimalString;
}

export interface DiagnosisInput {
  /** where the API answers, for example http://localhost:8080 */
  apiUrl: string;
  missing: readonly MissingPart[];
  bot: BotFacts | null;
  risk: RiskFacts | null;
  strategies: readonly StrategyFacts[] | null;
  wallet: WalletFacts | null;
  series: readonly SeriesHealth[] | null;
}

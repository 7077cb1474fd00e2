/** What the decision activities work with; the composition root of the trading worker provides it. */
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { RiskLimits } from '../../core/risk/risk-limits.js';
import type { ConfiguredStrategy } from '../../core/strategies/configured-strategy.js';
import type { CandleSource } from '../candle-source.js';
import type { InstrumentSource } from '../instrument-source.js';

export interface BotStrategy extends ConfiguredStrategy {
  enabled: boolean;
}

export interface DecisionDependencies {
  exchange: Exchange;
  ledger: Ledger;
  candles: CandleSource;
  instruments: InstrumentSource;
  strategies: readonly BotStrategy[];
  limits: RiskLimits;
  /** host ms after which a missing candle is asked for by REST */
  overdueCheckMs: number;
  logger: Logger;
}

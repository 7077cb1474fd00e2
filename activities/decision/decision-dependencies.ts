/** What the decision activities work with; the composition root of the trading worker provides it. */
import type { ActiveConfiguration, ConfigurationInForce } from '../../core/ports/configuration.js';
import type { EmergencyLatch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { AccountAhead } from './account-ahead.js';
import type { CandleSource } from '../candle-source.js';
import type { InstrumentSource } from '../instrument-source.js';

export type BotStrategy = ActiveConfiguration['strategies'][number];

export interface DecisionDependencies {
  ahead: AccountAhead;
  exchange: Exchange;
  ledger: Ledger;
  candles: CandleSource;
  instruments: InstrumentSource;
  configuration: ConfigurationInForce;
  latch: Pick<EmergencyLatch, 'read'>;
  logger: Logger;
}

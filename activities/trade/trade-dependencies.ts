/** What the trade activities work with; the composition root of the trading worker provides it. */
import type { EmergencyLatch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { InstrumentSource } from '../instrument-source.js';

export interface TradeDependencies {
  exchange: Exchange;
  ledger: Ledger;
  instruments: InstrumentSource;
  logger: Logger;
  /** how long a request may still be in flight at the exchange after we gave up on it, ms */
  recvWindowMs: number;
  /** an entry is not placed any more once the market is this much past its decision, ms of market time */
  staleAfterMs: number;
  latch: Pick<EmergencyLatch, 'read'>;
  /** host clock, ms; for measuring only */
  now(): number;
  /** waits without blocking shutdown; in an activity this is the context's own sleep */
  sleep(ms: number): Promise<void>;
  /** 1 for the first attempt of the running activity */
  attempt(): number;
}

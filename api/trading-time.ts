/**
 * "Now" on the clock of the market: exchange time, which in a replay is far from the clock of this host. It is the
 * close of the newest candle that the bot has dealt with, and the host's clock before the first.
 */
import type { LedgerReader } from '../core/ports/ledger.js';

export async function tradingNowMs(ledger: Pick<LedgerReader, 'decidedThroughMs'>, clock: () => number): Promise<number> {
  const decidedMs = await ledger.decidedThroughMs();
  return decidedMs === 0 ? clock() : decidedMs;
}

/**
 * "Now" on the clock of the market: exchange time, which in a replay is far from the clock of this host. It is the
 * newest instant that the ledger has heard of from the exchange, and the host's clock before the first.
 */
import type { LedgerReader } from '../core/ports/ledger.js';

export async function tradingNowMs(ledger: Pick<LedgerReader, 'decidedThroughMs' | 'latestEquity'>, clock: () => number): Promise<number> {
  const [decidedMs, equity] = await Promise.all([ledger.decidedThroughMs(), ledger.latestEquity()]);
  const newestMs = Math.max(decidedMs, equity?.wallet.asOfMs ?? 0);
  return newestMs === 0 ? clock() : newestMs;
}

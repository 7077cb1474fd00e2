/**
 * How far the bot has dealt with the market, and at which candle closes it decides now, by the ledger's word. Notifications make it fast; a poll makes it sure,
 * since a notification is lost when a connection breaks at the wrong moment.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { onDecided } from '../../adapters/postgres/decided-listener.js';
import { createPostgresLedger } from '../../adapters/postgres/ledger.js';
import { tradedSeries } from '../../core/configuration/traded-series.js';
import { finestSeries } from '../../core/market/finest-series.js';
import { intervalMs } from '../../core/market/interval.js';
import { CONFIGURATION_STATE, type AcceptedConfiguration } from '../../core/ports/configuration.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';

const POLL_MS = 250;
/** while notifications come, so that another configuration is noticed */
const POLL_ANYWAY_MS = 2_000;

export interface DecidedWatch {
  /** Resolves when the bot has dealt with everything up to this candle close, asked for anew after each look, or when the signal aborts. */
  waitFor(closeMs: () => number, signal: AbortSignal): Promise<void>;
  /** of the newest accepted configuration, ms; undefined until the ledger was asked */
  finestIntervalMs(): number | undefined;
  close(): Promise<void>;
}

export function watchDecided(databaseUrl: string, logger: Logger): DecidedWatch {
  let decidedMs = 0;
  let finestMs: number | undefined;
  let polledAtMs = 0;
  let wake: () => void = () => undefined;
  let ledger: Ledger | undefined;
  const learn = (newMs: number): void => {
    decidedMs = Math.max(decidedMs, newMs);
    wake();
  };
  const subscription = onDecided(databaseUrl, learn, logger);
  const poll = async (): Promise<void> => {
    polledAtMs = performance.now();
    try {
      ledger ??= await createPostgresLedger({ databaseUrl, poolSize: 1, poolOverflow: 1, logger });
      finestMs = finestOf(await ledger.state(CONFIGURATION_STATE)) ?? finestMs;
      learn(await ledger.decidedThroughMs());
    } catch (error) {
      // The database is being restarted; the subscription reports it, and the next poll finds it back.
      logger.debug('decided-through not read', { error: error instanceof Error ? error.message : String(error) });
    }
  };
  return {
    async waitFor(closeMs, signal) {
      while (decidedMs < closeMs() && !signal.aborted) {
        const notified = new Promise<'notified'>((resolve) => { wake = () => resolve('notified'); });
        const sleeping = new AbortController();
        const stop = (): void => sleeping.abort();
        signal.addEventListener('abort', stop, { once: true });
        const outcome = await Promise.race([notified, delay(POLL_MS, 'poll' as const, { signal: sleeping.signal }).catch(() => 'aborted' as const)]);
        signal.removeEventListener('abort', stop);
        sleeping.abort();
        if (outcome === 'poll' || performance.now() - polledAtMs > POLL_ANYWAY_MS) await poll();
      }
    },
    finestIntervalMs: () => finestMs,
    async close() {
      await Promise.all([subscription.close(), ledger?.close()]);
    },
  };
}

function finestOf(accepted: Record<string, unknown> | null): number | undefined {
  return accepted === null ? undefined : intervalMs(finestSeries(tradedSeries(accepted as unknown as AcceptedConfiguration)).interval);
}

/**
 * Looks at disk and memory when its process starts and from time to time, and warns (10006) before they run out: a full
 * disk stops the ledger, the log and the embedded servers at once.
 *
 * Invariant: a shortage is told when it begins, again while it lasts at most every `REPEAT_MS`, and when it is over.
 */
import type { Logger } from '../core/ports/logger.js';
import { shortagesOf, type ResourceLimits, type ResourceReading } from '../core/resources/shortages.js';

export interface ResourceWatchOptions {
  read(): Promise<ResourceReading>;
  limits: ResourceLimits;
  everyMs: number;
  logger: Logger;
  /** monotonic, ms */
  elapsed(): number;
}

export interface ResourceWatch {
  /** done when the running look is over */
  close(): Promise<void>;
}

const REPEAT_MS = 600_000;

export function watchResources(options: ResourceWatchOptions): ResourceWatch {
  const toldAtMs = new Map<string, number>();
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = looking.then(() => lookOnce(options, toldAtMs));
  };
  look();
  const timer = setInterval(look, options.everyMs);
  timer.unref();
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

async function lookOnce({ read, limits, logger, elapsed }: ResourceWatchOptions, toldAtMs: Map<string, number>): Promise<void> {
  try {
    const shortages = shortagesOf(await read(), limits);
    for (const { resource, message } of shortages) {
      const told = toldAtMs.get(resource);
      if (told !== undefined && elapsed() - told < REPEAT_MS) continue;
      toldAtMs.set(resource, elapsed());
      logger.warning(`Resources are short: ${message}`, { code: 10006, resource });
    }
    for (const resource of toldAtMs.keys()) {
      if (shortages.some((shortage) => shortage.resource === resource)) continue;
      toldAtMs.delete(resource);
      logger.info('Resources are sufficient again', { resource });
    }
  } catch (error) {
    logger.warning('Resources cannot be read', { reason: error instanceof Error ? error.message : 'unknown' });
  }
}

/** Hands emergencies that were begun without Temporal over to the workflow, as soon as Temporal takes them. */
import type { PendingEmergency, EmergencyJournal } from '../core/ports/emergency-journal.js';
import type { Logger } from '../core/ports/logger.js';

export interface HandoverOptions {
  journal: EmergencyJournal;
  /** starts the workflow, or widens the one that runs; rejects while Temporal is away */
  start(pending: PendingEmergency): Promise<unknown>;
  logger: Logger;
}

const EVERY_MS = 2_000;

/** Looks at once, and then again and again: Temporal may come back at any time. */
export function handOverEmergencies(options: HandoverOptions): { close(): Promise<void> } {
  let closed = false;
  let wake: () => void = () => undefined;
  const working = (async () => {
    while (!closed) {
      await handOver(options);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVERY_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    close: () => {
      closed = true;
      wake();
      return working;
    },
  };
}

async function handOver({ journal, start, logger }: HandoverOptions): Promise<void> {
  for (const pending of await journal.pending()) {
    const { haltId } = pending.order;
    try {
      await start(pending);
      await journal.takenOver(haltId);
      logger.info('An emergency that was begun without Temporal is handed over to its workflow', { haltId });
    } catch (error) {
      logger.debug('An emergency waits for Temporal to take it over', { haltId, error });
    }
  }
}

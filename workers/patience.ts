/** Waits for neighbours that are being restarted: dying with them would only cost one more restart. */
import { isBotError } from '../core/errors/bot-error.js';
import type { Logger } from '../core/ports/logger.js';

export interface PatienceOptions {
  /** what is waited for, for the log */
  what: string;
  logger: Logger;
  /** gives up after this long, ms */
  limitMs?: number;
}

const LIMIT_MS = 60_000;
const PAUSE_MS = 250;

/** Repeats while the error says that the same call may succeed later; any other error, and the last one, passes. */
export async function patiently<T>(options: PatienceOptions, run: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + (options.limitMs ?? LIMIT_MS);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const worthWaiting = isBotError(error) && error.retryable && performance.now() < deadlineMs;
      if (!worthWaiting) throw error;
      if (attempt === 1) options.logger.warning(`Waiting for ${options.what}`, { code: error.code, error: error.message });
      await new Promise((resolve) => setTimeout(resolve, Math.max(PAUSE_MS, error.retryAfterMs ?? 0)));
    }
  }
}

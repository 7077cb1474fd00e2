/** Gives up on an answer after a while. The work itself goes on; its late result is dropped. */
import { BotError } from '../core/errors/bot-error.js';

/** Rejects with 30005 after `limitMs`; `what` completes "… did not answer". */
export async function withinLimit<T>(answer: Promise<T>, { what, limitMs }: { what: string; limitMs: number }): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BotError(30005, `${what} did not answer within ${limitMs} ms`, { fix: 'GET /health says which part is away' })), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

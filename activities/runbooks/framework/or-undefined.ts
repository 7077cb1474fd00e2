/** A question of a waiting loop: a part that does not answer is asked again. A defect is no answer and passes. */
import { isBotError } from '../../../core/errors/bot-error.js';

export async function orUndefined<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isBotError(error)) throw error;
    return undefined;
  }
}

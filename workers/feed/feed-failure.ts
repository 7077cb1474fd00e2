/** What a feed says of a failed stream: a refused key is a refused key (30002), whatever has no code of its own is a lost feed. */
import { isBotError } from '../../core/errors/bot-error.js';
import type { LogFields } from '../../core/ports/logger.js';

/** One frame that could not be read is told, and counted, where it was read. */
const TOLD_BY_THE_STREAM = 40010;

export function feedFailure(error: Error): LogFields {
  const code = isBotError(error) ? error.code : 40006;
  return { error: error.message, ...(code === TOLD_BY_THE_STREAM ? { frameCode: code } : { code }) };
}

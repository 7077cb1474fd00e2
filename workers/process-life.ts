/**
 * The life of a worker process as its supervisor sees it: it says `ready` once it serves, leaves gracefully on SIGTERM,
 * SIGINT or when its parent is gone, and names its reason when it cannot start.
 */
import type { Logger } from '../core/ports/logger.js';
import { isBotError, type BotError } from '../core/errors/bot-error.js';

export interface ProcessLife {
  /** settles when the process has been asked to leave */
  leaving: Promise<string>;
  /** asks this process to leave, as a signal would */
  leave(reason: string): void;
}

/** what is done with the reason of a process's end before it ends; must end by itself */
type LastWords = (error: BotError | Error) => Promise<void>;
let lastWords: LastWords | undefined;

/** Called with the error that keeps this process from working, before it ends. */
export function onFatal(listener: LastWords): void {
  lastWords = listener;
}

export function beginProcessLife(logger: Logger): ProcessLife {
  let settle: (reason: string) => void = () => undefined;
  const leaving = new Promise<string>((resolve) => (settle = resolve));
  const leave = (reason: string): void => {
    logger.info('Leaving gracefully', { reason });
    settle(reason);
  };
  process.once('SIGTERM', () => leave('SIGTERM'));
  process.once('SIGINT', () => leave('SIGINT'));
  if (process.send) process.once('disconnect', () => leave('supervisor is gone'));
  return { leaving, leave };
}

export function sayReady(detail: Record<string, unknown>): void {
  process.send?.({ kind: 'ready', detail });
}

/** Last words of a process that cannot start: to the supervisor when there is one, else on standard error. */
export async function sayFatal(error: unknown): Promise<void> {
  await lastWords?.(error instanceof Error ? error : new Error('an error that is not an Error'));
  const word = isBotError(error)
    ? { kind: 'fatal', code: error.code, message: error.message, fix: error.fix }
    : { kind: 'fatal', code: 10006, message: error instanceof Error ? error.message : 'unknown error', fix: 'see the log of this process' };
  process.exitCode = 1;
  if (process.send) process.send(word, () => process.exit(1));
  else process.stderr.write(`${word.code} ${word.message}\n  fix: ${word.fix}\n`, () => process.exit(1));
}

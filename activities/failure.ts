/**
 * The border between our errors and Temporal's. An activity throws only what this module makes: an ApplicationFailure
 * whose type is the catalogue code and whose details are safe to keep in a workflow's history for ever.
 */
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { isBotError, type BotError } from '../core/errors/bot-error.js';
import type { ErrorCode } from '../core/errors/catalogue.js';
import type { Logger } from '../core/ports/logger.js';

/** What a workflow can read of a failed activity. */
export interface FailureDetail {
  code: ErrorCode;
  fix: string;
  foreignCode: string | undefined;
}

export function toActivityFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (isBotError(error)) return fromBotError(error);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : 'an error that is not an Error';
  return ApplicationFailure.create({ message, type: 'unexpected' });
}

function fromBotError(error: BotError): ApplicationFailure {
  const detail: FailureDetail = { code: error.code, fix: error.fix, foreignCode: error.foreignCode };
  return ApplicationFailure.create({
    message: `${error.code} ${error.message}`,
    type: String(error.code),
    nonRetryable: !error.retryable && error.outcome === 'definite',
    details: [detail],
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}

type Activities = Record<string, (...args: never[]) => Promise<unknown>>;

/** Wraps every activity so that nothing but an ApplicationFailure leaves it, and every failure of ours is told under its code. */
export function withActivityFailures<T extends Activities>(activities: T, logger?: Logger): T {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        if (isBotError(error)) logger?.[error.severity](`Failed to execute ${name}: ${error.message}`, { code: error.code, activity: name, outcome: error.outcome });
        // A cancelled activity says so itself, by Temporal's own failure.
        throw error instanceof CancelledFailure ? error : toActivityFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}

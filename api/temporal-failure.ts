/** Rebuilds what the Temporal client throws: only what happened and what to do crosses into the API. */
import { ApplicationFailure, isGrpcServiceError, QueryNotRegisteredError, QueryRejectedError, WorkflowNotFoundError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { z } from 'zod';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import { CATALOGUE, type ErrorCode } from '../core/errors/catalogue.js';
import { RefusedOrder } from './problem.js';

/** grpc.io/docs/guides/status-codes */
const DEADLINE_EXCEEDED = 4;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** True when nobody has answered in time, which says nothing of the effect. */
export function isTimeout(error: unknown): boolean {
  return error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || grpcCode(error) === DEADLINE_EXCEEDED;
}

/** The workflow's task failed under the request, as it does when it continues as new at that very moment; nothing was done, and it may be sent again. */
export function isNotReady(error: unknown): boolean {
  return grpcCode(error) === FAILED_PRECONDITION;
}

/** What the bot's handler of a command says when it refuses one (workflows/messages.ts). */
const refusalSchema = z.object({ code: z.custom<ErrorCode>((code) => typeof code === 'number' && code in CATALOGUE), message: z.string(), fix: z.string() });

/** The bot's own refusal of a command; undefined when the error is something else. */
export function refusedOrder(error: unknown): RefusedOrder | undefined {
  const failure = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(failure instanceof ApplicationFailure) || failure.type !== 'BotError') return undefined;
  const refusal = refusalSchema.safeParse(failure.details?.[0]);
  return refusal.success ? new RefusedOrder(refusal.data.code, refusal.data) : undefined;
}

/** `what` completes "could not …". */
export function temporalFailure(error: unknown, what: string): BotError {
  if (isBotError(error)) return error;
  if (error instanceof WorkflowNotFoundError) {
    return new BotError(10006, `could not ${what}: the bot's workflow does not run`, { fix: 'start the bot (npm start), or look at the workflow in the Temporal Web UI' });
  }
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError || error instanceof WorkflowUpdateFailedError) {
    return new BotError(10006, `could not ${what}: the bot's workflow refused it`, { fix: 'look at the workflow in the Temporal Web UI', retryable: false });
  }
  const code = grpcCode(error);
  const foreignCode = code === undefined ? {} : { foreignCode: `gRPC ${code}` };
  if (code === UNAVAILABLE) {
    return new BotError(10006, `could not ${what}: the Temporal server is not reachable`, { ...foreignCode, fix: 'check that the Temporal server is running; the bot and the API reconnect by themselves' });
  }
  if (isTimeout(error) || isNotReady(error)) {
    return new BotError(10006, `could not ${what}: no trading worker answers`, { ...foreignCode, outcome: 'unknown', fix: 'check that the trading worker and the Temporal server are running, then ask again' });
  }
  return new BotError(10006, `could not ${what}: Temporal failed`, { ...foreignCode, fix: 'see the log of the Temporal server' });
}

function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}

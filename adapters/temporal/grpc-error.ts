/** Rebuilds the Temporal client's errors as ours: only the gRPC status and its text cross the border. */
import { isGrpcServiceError } from '@temporalio/client';
import { BotError, isBotError } from '../../core/errors/bot-error.js';

/** Status codes of grpc.io/docs/guides/status-codes that are told apart here. */
export const GRPC = { notFound: 5, alreadyExists: 6 } as const;

export function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause.code : undefined;
}

/** `what` says in a sentence what was not possible. */
export function temporalError(error: unknown, what: string): BotError {
  if (isBotError(error)) return error;
  const code = grpcCodeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new BotError(10006, `${what}: ${reason}`, {
    fix: 'Check that the Temporal server is running and reachable',
    ...(code === undefined ? {} : { foreignCode: `gRPC ${code}` }),
  });
}

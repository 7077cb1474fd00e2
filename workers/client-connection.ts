/**
 * The way on which the trading worker signals the bot; its workers poll on another. A workflow that is just continuing as new
 * refuses signals for some milliseconds, which the server calls an exhausted resource. The libraries' own settings then wait
 * one to three seconds, and a closed candle waits with them. Here the pause is short. A repetition carries the id of the first
 * try, so a signal counts once.
 */
import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type GrpcRetryOptions } from '@temporalio/client';

const ATTEMPTS_MAX = 40;
const FIRST_PAUSE_MS = 10;
const PAUSE_GROWTH = 1.5;
const PAUSE_MAX_MS = 100;
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.min_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** about 3.5 s altogether; what still fails then is the errand's to repeat */
export const CLIENT_RETRY: GrpcRetryOptions = {
  ...defaultGrpcRetryOptions({ maxAttempts: ATTEMPTS_MAX }),
  delayFunction: (attempt) => Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempt - 1)),
};

/** Connects with the first call. */
export function openClientConnection(address: string): Connection {
  return Connection.lazy({ address, channelArgs: RECONNECT, interceptors: [makeGrpcRetryInterceptor(CLIENT_RETRY)] });
}

/**
 * The API's connection to Temporal: made lazily, so that the API starts while the server is away, and never for long in
 * doubt. The SDK's own settings try a call ten times over some 15 s and reconnect after up to two minutes; a person who
 * waits for an answer, and a health check, cannot.
 */
import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

/** with the SDK's backoff about one second: enough for a server that is being restarted */
const ATTEMPTS_MAX = 4;
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.min_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

export function openTemporalConnection(address: string): Connection {
  return Connection.lazy({
    address,
    channelArgs: RECONNECT,
    interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: ATTEMPTS_MAX }))],
  });
}

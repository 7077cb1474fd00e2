/**
 * One request over REST: budget, deadline, envelope, counters, clean errors.
 *
 * Invariants
 * 1. A call settles within `requestTimeoutMs` after it was sent, whatever the foreign client does.
 * 2. Only `retCode === 0` is success (or a code the endpoint calls "already so"). A 200 with foreign content resolves in
 *    bybit-api like a success without a retCode.
 * 3. A request refused for its time stamp (10002) never reached the exchange's books: it is sent once more with the
 *    corrected clock, and a second refusal is an authentication failure (30002).
 */
import type { RestClientV5 } from 'bybit-api';
import { z } from 'zod';
import { isBotError, type BotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import type { CallStatistics, CountedCall } from './call-statistics.js';
import type { ClockCorrection } from './clock-correction.js';
import { DeadlineExceeded, withDeadline } from './deadline.js';
import type { Endpoint } from './endpoints.js';
import { InFlight } from './in-flight.js';
import type { CallKind } from './errors/call-kind.js';
import { classify, type Failure } from './errors/classify.js';
import { SIGNALS } from './errors/error-table.js';
import { errorOf, failureOfRest, type CallContext } from './errors/rebuild.js';
import type { Redact } from './errors/redactor.js';
import { parsePayload } from './parse/payload.js';
import type { Permit, RateLimiter } from './rate-limiter.js';

export type RequestParams = Record<string, string | number | boolean>;

export interface RestRequest {
  endpoint: Endpoint;
  params: RequestParams;
  kind: CallKind;
  /** take the answer of the same request when one is under way; public endpoints only, see `InFlight` for which */
  share?: boolean;
}

export interface Reply<T> {
  result: T;
  /** the exchange's reply time, ms */
  timeMs: number;
}

export interface RestCaller {
  /** Sends and parses. Rejects only with BotError. */
  call<T>(request: RestRequest, result: z.ZodType<T>): Promise<Reply<T>>;
  /** Sends a request whose answer holds nothing of interest; done also when the wanted state held already. */
  command(request: RestRequest): Promise<void>;
}

export interface RestCallerDeps {
  client: Pick<RestClientV5, 'get' | 'getPrivate' | 'postPrivate'>;
  limiter: RateLimiter;
  statistics: CallStatistics;
  clock: ClockCorrection;
  redact: Redact;
  logger: Logger;
  now: () => number;
  /** monotonic, ms */
  elapsed: () => number;
  requestTimeoutMs: number;
  banMs: number;
}

const quotaHeaders = z.object({ maxRequests: z.number(), remainingRequests: z.number(), resetAtTimestamp: z.number() });
const envelopeSchema = z.object({
  retCode: z.number().int(),
  retMsg: z.string().catch(''),
  result: z.unknown(),
  time: z.number().catch(0),
  rateLimitApi: quotaHeaders.optional().catch(undefined),
});
type Envelope = z.infer<typeof envelopeSchema>;

const SUCCESS = 0;
const TIMESTAMP_REFUSED = '10002';
const RATE_EXCEEDED = 10006;
const FORBIDDEN = 403;
const ADDRESS_BLOCKED = 30009;
/** The foreign client's own time-out names the cause better, so ours comes a little later. */
const DEADLINE_MARGIN_MS = 250;

export function createRestCaller(deps: RestCallerDeps): RestCaller {
  const inFlight = new InFlight();
  return {
    async call(request, schema) {
      const envelope = await (isShared(request) ? sharing(deps, inFlight, request) : sendWithClockCorrection(deps, request));
      return { result: parsePayload(schema, envelope.result, contextOf(deps, request)), timeMs: envelope.time };
    },
    async command(request) {
      await sendWithClockCorrection(deps, request);
    },
  };
}

/** What answers for an account is never shared, whatever a caller asks for. */
function isShared({ share, endpoint }: RestRequest): boolean {
  return share === true && !endpoint.isPrivate && endpoint.method === 'GET';
}

/** Every caller parses the answer for itself, so no two hold the same objects. */
function sharing(deps: RestCallerDeps, inFlight: InFlight, request: RestRequest): Promise<Envelope> {
  const params = Object.entries(request.params).sort(([one], [other]) => (one < other ? -1 : 1));
  const { answer, isFirst } = inFlight.join(JSON.stringify([request.endpoint.name, params]), () => sendWithClockCorrection(deps, request));
  if (!isFirst) deps.statistics.shared(counted(request));
  return answer;
}

function counted({ endpoint }: RestRequest): CountedCall {
  return { endpoint, transport: 'rest' };
}

async function sendWithClockCorrection(deps: RestCallerDeps, request: RestRequest): Promise<Envelope> {
  try {
    return await sendCounted(deps, request);
  } catch (error) {
    if (!isBotError(error) || error.foreignCode !== TIMESTAMP_REFUSED || !deps.clock.learn(error.message)) throw error;
    deps.logger.warning('The exchange refused the time stamp; its clock is used from now on', { offsetMs: deps.clock.offsetMs() });
    return sendCounted(deps, request);
  }
}

async function sendCounted(deps: RestCallerDeps, request: RestRequest): Promise<Envelope> {
  const permit = await admitted(deps, request);
  const startedMs = deps.elapsed();
  let code: BotError['code'] | undefined;
  try {
    return await send(deps, request);
  } catch (error) {
    code = isBotError(error) ? error.code : undefined;
    throw error;
  } finally {
    permit();
    deps.statistics.sent(counted(request), deps.elapsed() - startedMs, code);
  }
}

async function admitted(deps: RestCallerDeps, request: RestRequest): Promise<Permit> {
  try {
    return await deps.limiter.acquire({ endpoint: request.endpoint, kind: request.kind, transport: 'rest' });
  } catch (error) {
    deps.statistics.refused(counted(request));
    throw error;
  }
}

async function send(deps: RestCallerDeps, request: RestRequest): Promise<Envelope> {
  const context = contextOf(deps, request);
  let reply: unknown;
  try {
    reply = await withDeadline(transmit(deps.client, request), deps.requestTimeoutMs + DEADLINE_MARGIN_MS);
  } catch (thrown) {
    throw failed(deps, context, thrown instanceof DeadlineExceeded
      ? { kind: request.kind, transport: 'rest', errno: SIGNALS.noReply, message: thrown.message }
      : failureOfRest(thrown, context));
  }
  return accepted(deps, request, reply);
}

function transmit(client: RestCallerDeps['client'], { endpoint, params }: RestRequest): Promise<unknown> {
  if (endpoint.method === 'POST') return client.postPrivate(endpoint.path, params);
  return endpoint.isPrivate ? client.getPrivate(endpoint.path, params) : client.get(endpoint.path, params);
}

function accepted(deps: RestCallerDeps, request: RestRequest, reply: unknown): Envelope {
  const context = contextOf(deps, request);
  const base = { kind: request.kind, transport: 'rest' as const };
  const envelope = envelopeSchema.safeParse(reply);
  if (!envelope.success) throw failed(deps, context, { ...base, errno: SIGNALS.malformedReply, message: 'HTTP 200 without a Bybit answer in it' });
  const { retCode, retMsg } = envelope.data;
  const resetAfterMs = reportQuota(deps, request.endpoint, envelope.data);
  if (retCode === SUCCESS || request.endpoint.doneCodes?.includes(retCode) === true) return envelope.data;
  throw failed(deps, context, { ...base, retCode, message: retMsg, ...(resetAfterMs === undefined ? {} : { retryAfterMs: resetAfterMs }) });
}

/** Feeds the limiter; returns after how many ms the quota opens again, when the answer says so. */
function reportQuota(deps: RestCallerDeps, endpoint: Endpoint, envelope: Envelope): number | undefined {
  const headers = envelope.rateLimitApi;
  if (headers === undefined) return undefined;
  const resetAfterMs = headers.resetAtTimestamp - (deps.now() + deps.clock.offsetMs());
  const exceeded = envelope.retCode === RATE_EXCEEDED;
  deps.limiter.report(endpoint, { capacity: headers.maxRequests, remaining: headers.remainingRequests, resetAfterMs }, { exceeded });
  return exceeded ? Math.max(0, resetAfterMs) : undefined;
}

function failed(deps: RestCallerDeps, context: CallContext, failure: Failure & { retryAfterMs?: number }): BotError {
  const isBan = failure.httpStatus === FORBIDDEN && classify(failure).code === ADDRESS_BLOCKED;
  if (isBan) deps.limiter.ban(deps.banMs);
  const waitMs = isBan ? deps.banMs : failure.retryAfterMs;
  return errorOf(failure, context, waitMs === undefined ? {} : { retryAfterMs: waitMs });
}

function contextOf(deps: RestCallerDeps, request: RestRequest): CallContext {
  return { what: request.endpoint.name, kind: request.kind, transport: 'rest', redact: deps.redact };
}

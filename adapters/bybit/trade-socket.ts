/**
 * Orders over Bybit's trade socket.
 *
 * Invariants
 * 1. A request is sent only while the socket is open and authenticated. bybit-api would otherwise hold it back and send
 *    it after a reconnect, long after the caller gave up on it.
 * 2. Every request has a deadline; bybit-api has none. A missing answer is an unknown outcome.
 * 3. bybit-api reports a refused authentication of this socket as `authenticated`: only `retCode` 0 counts.
 */
import type { OrderParamsV5 } from 'bybit-api';
import { z } from 'zod';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import type { CallStatistics } from './call-statistics.js';
import { DeadlineExceeded, withDeadline } from './deadline.js';
import { ENDPOINTS } from './endpoints.js';
import { SIGNALS } from './errors/error-table.js';
import { errorOf, failureOfSocket, type CallContext } from './errors/rebuild.js';
import type { Redact } from './errors/redactor.js';
import { acknowledgement } from './parse/order.js';
import { parsePayload } from './parse/payload.js';
import type { RateLimiter } from './rate-limiter.js';
import type { BybitSocketClient } from './websocket.js';

const WS_KEY = 'v5PrivateTrade';
const SUCCESS = 0;
const REPEATED_AUTHENTICATION = 20001;

export interface TradeSocket {
  isReady(): boolean;
  createOrder(params: OrderParamsV5, kind: 'entry' | 'exit'): Promise<{ orderId: string; orderLinkId: string }>;
  close(): void;
}

export interface TradeSocketDeps {
  client: BybitSocketClient;
  limiter: RateLimiter;
  statistics: CallStatistics;
  redact: Redact;
  logger: Logger;
  now: () => number;
  /** monotonic, ms */
  elapsed: () => number;
  requestTimeoutMs: number;
}

const authentication = z.object({ wsKey: z.literal(WS_KEY), retCode: z.number().int(), retMsg: z.string().catch('') });
const numberText = z.coerce.number().int();
const quotaHeaders = z.object({
  header: z.object({ 'X-Bapi-Limit': numberText, 'X-Bapi-Limit-Status': numberText, 'X-Bapi-Limit-Reset-Timestamp': numberText }),
});
const orderReply = z.object({ data: acknowledgement });

export function openTradeSocket(deps: TradeSocketDeps): TradeSocket {
  const { client, logger } = deps;
  let isAuthenticated = false;
  client.on('authenticated', (event: unknown) => {
    const answer = authentication.safeParse(event);
    if (!answer.success || answer.data.retCode === REPEATED_AUTHENTICATION) return;
    isAuthenticated = answer.data.retCode === SUCCESS;
    if (isAuthenticated) client.resetReconnectDelay();
    else logger.error('The trade socket refused the key; orders go by REST', { code: 30002, foreignCode: String(answer.data.retCode) });
  });
  client.on('reconnect', () => {
    isAuthenticated = false;
    client.lengthenReconnectDelay();
  });
  void client.connect(WS_KEY).catch((error: unknown) => { logger.debug('The trade socket is not open yet', { reason: deps.redact(String(error)) }); });
  const isReady = (): boolean => isAuthenticated && client.isConnected(WS_KEY);
  return { isReady, createOrder: (params, kind) => createOrder(deps, params, kind), close: () => { client.shutDown(); } };
}

async function createOrder(deps: TradeSocketDeps, params: OrderParamsV5, kind: 'entry' | 'exit'): Promise<{ orderId: string; orderLinkId: string }> {
  const call = { endpoint: ENDPOINTS.createOrder, transport: 'socket' } as const;
  const permit = await deps.limiter.acquire({ ...call, kind }).catch((error: unknown) => {
    deps.statistics.refused(call);
    throw error;
  });
  const startedMs = deps.elapsed();
  let code: BotError['code'] | undefined;
  try {
    return await send(deps, params, { what: call.endpoint.name, kind, transport: 'socket', redact: deps.redact });
  } catch (error) {
    code = isBotError(error) ? error.code : undefined;
    throw error;
  } finally {
    permit();
    deps.statistics.sent(call, deps.elapsed() - startedMs, code);
  }
}

async function send(deps: TradeSocketDeps, params: OrderParamsV5, context: CallContext): Promise<{ orderId: string; orderLinkId: string }> {
  if (!deps.client.isConnected(WS_KEY)) {
    throw new BotError(30003, `${context.what}: the trade socket closed before the request was sent`, { foreignCode: SIGNALS.connectionLost });
  }
  let reply: unknown;
  try {
    reply = await withDeadline(deps.client.sendWSAPIRequest(WS_KEY, 'order.create', params), deps.requestTimeoutMs);
  } catch (thrown) {
    reportQuota(deps, thrown, true);
    const failure = thrown instanceof DeadlineExceeded
      ? { kind: context.kind, transport: context.transport, errno: SIGNALS.noReply, message: thrown.message }
      : failureOfSocket(thrown, context);
    throw errorOf(failure, context);
  }
  reportQuota(deps, reply, false);
  return parsePayload(orderReply, reply, context).data;
}

function reportQuota(deps: TradeSocketDeps, reply: unknown, wasRefused: boolean): void {
  const headers = quotaHeaders.safeParse(reply);
  if (!headers.success) return;
  const { 'X-Bapi-Limit': capacity, 'X-Bapi-Limit-Status': remaining, 'X-Bapi-Limit-Reset-Timestamp': resetAtMs } = headers.data.header;
  const quota = { capacity, remaining, resetAfterMs: resetAtMs - deps.now() };
  deps.limiter.report(ENDPOINTS.createOrder, quota, { exceeded: wasRefused && remaining === 0 });
}

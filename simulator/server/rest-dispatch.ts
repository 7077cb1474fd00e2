/**
 * One REST request from raw bytes to a wire reply.
 *
 * Invariants
 * 1. Order of checks: address flood (403), route (404), key, timestamp, signature, address, permission, rate, injected
 *    fault, parameters. The first that fails decides.
 * 2. Every reply, also an error, has retExtInfo, result and time, and the three X-Bapi headers.
 * 3. A reply-dropping fault is decided before the request and happens after it.
 */
import type { ApiKey } from './api-keys.js';
import { isAllowed } from './api-keys.js';
import { authenticate } from './auth.js';
import type { RateLimits, RateState } from './rate-limits.js';
import { Refusal } from './refusal.js';
import type { ReplyFault } from '../faults/fault-injector.js';
import type { RawParams } from '../rest/params.js';
import type { Answer, PrivateRoute, Route, RouteContext } from '../rest/route.js';
import { findRoute } from '../rest/routes.js';

export interface RawRequest {
  method: string;
  path: string;
  /** as it stood in the URL, without the question mark */
  rawQuery: string;
  body: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  fromAddress: string;
}

export type WireReply =
  | { kind: 'reply'; status: number; contentType: string; headers: Record<string, string>; body: string; delayMs: number }
  | { kind: 'cut' };

export interface DispatchContext extends RouteContext {
  keys: readonly ApiKey[];
  rates: RateLimits;
}

const PUBLIC_RATE: RateState = { limit: 600, remaining: 599, resetMs: 0, exceeded: false };
const NOT_EXECUTED: Answer = { retCode: 0, retMsg: 'OK', result: {} };

export async function dispatch(request: RawRequest, context: DispatchContext): Promise<WireReply> {
  if (!context.rates.admits(request.fromAddress, context.wallMs())) {
    return jsonReply({ status: 403, answer: { retCode: 10018, retMsg: 'access too frequent', result: {} }, rate: PUBLIC_RATE }, context);
  }
  const route = findRoute(request.method, request.path);
  if (route === undefined) {
    return jsonReply({ status: 404, answer: { retCode: 10017, retMsg: 'Route not found', result: {} }, rate: PUBLIC_RATE }, context);
  }
  return route.access === 'public' ? publicReply(route, request, context) : privateReply(route, request, context);
}

async function publicReply(route: Extract<Route, { access: 'public' }>, request: RawRequest, context: DispatchContext): Promise<WireReply> {
  const fault = context.faults.forPublicReply(route.path);
  const answer = isExecuted(fault) ? await orRefusal(() => route.handle(paramsOf(request), context)) : NOT_EXECUTED;
  return withFault(fault, { status: 200, answer, rate: PUBLIC_RATE }, context);
}

async function privateReply(route: PrivateRoute, request: RawRequest, context: DispatchContext): Promise<WireReply> {
  if (request.headers['x-bapi-api-key'] === undefined) {
    return jsonReply({ status: 401, answer: { retCode: 10003, retMsg: 'API key is missing.', result: {} }, rate: PUBLIC_RATE }, context);
  }
  const payload = request.method === 'GET' ? request.rawQuery : request.body;
  let key: ApiKey;
  try {
    key = authenticate({ headers: request.headers, payload, fromAddress: request.fromAddress }, { keys: context.keys, wallMs: context.wallMs() });
    requirePermission(key, route);
  } catch (error) {
    return jsonReply({ status: 200, answer: refusalAnswer(error), rate: PUBLIC_RATE }, context);
  }
  const rate = context.rates.take(route.path, context.wallMs());
  if (rate.exceeded) return jsonReply({ status: 200, answer: TOO_MANY_VISITS, rate }, context);
  const fault = context.faults.forPrivateReply(route.path);
  const answer = isExecuted(fault) ? await orRefusal(() => Promise.resolve(route.handle(paramsOf(request), { ...context, key }))) : NOT_EXECUTED;
  return withFault(fault, { status: 200, answer, rate }, context);
}

export const TOO_MANY_VISITS: Answer = { retCode: 10006, retMsg: 'Too many visits!', result: {} };

/** Throws a Refusal 10005. */
export function requirePermission(key: ApiKey, route: PrivateRoute): void {
  if (!isAllowed(key, route.access)) throw new Refusal(10005, 'Permission denied, please check your API key permissions.');
}

export function isExecuted(fault: ReplyFault | undefined): boolean {
  return fault === undefined || fault.executed;
}

/** A Refusal as Bybit's answer; anything else is a defect and travels on. */
export function refusalAnswer(error: unknown): Answer {
  if (error instanceof Refusal) return { retCode: error.retCode, retMsg: error.retMsg, result: {} };
  throw error;
}

async function orRefusal(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    return refusalAnswer(error);
  }
}

function paramsOf(request: RawRequest): RawParams {
  if (request.method === 'GET') return Object.fromEntries(new URLSearchParams(request.rawQuery));
  try {
    const parsed: unknown = request.body === '' ? {} : JSON.parse(request.body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as RawParams;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(10001, 'params error: body is not a JSON object');
}

interface Outcome { status: number; answer: Answer; rate: RateState }

function withFault(fault: ReplyFault | undefined, outcome: Outcome, context: DispatchContext): WireReply {
  if (fault === undefined) return jsonReply(outcome, context);
  switch (fault.kind) {
    case 'dropReply': return { kind: 'cut' };
    case 'delayReply': return { ...jsonReply(outcome, context), delayMs: fault.delayMs };
    case 'retCode': return jsonReply({ ...outcome, answer: { retCode: fault.retCode, retMsg: fault.retMsg, result: {} }, rate: rateOf(fault.retCode, outcome.rate, context) }, context);
    case 'httpStatus': return { kind: 'reply', status: fault.status, contentType: 'text/html', headers: {}, body: `<html><body>${fault.status}</body></html>`, delayMs: 0 };
    case 'nonJson': return { kind: 'reply', status: 200, contentType: 'text/html', headers: {}, body: '<html><body>upstream error</body></html>', delayMs: 0 };
  }
}

/** An injected 10006 also says when to come back. */
function rateOf(retCode: number, rate: RateState, context: DispatchContext): RateState {
  return retCode === 10006 ? { ...rate, remaining: 0, resetMs: context.wallMs() + 1_150 } : rate;
}

function jsonReply(outcome: Outcome, context: DispatchContext): Extract<WireReply, { kind: 'reply' }> {
  const wallMs = context.wallMs();
  return {
    kind: 'reply', status: outcome.status, contentType: 'application/json; charset=utf-8', delayMs: 0,
    headers: rateHeaders(outcome.rate, wallMs),
    body: JSON.stringify({ retCode: outcome.answer.retCode, retMsg: outcome.answer.retMsg, result: outcome.answer.result, retExtInfo: {}, time: wallMs }),
  };
}

export function rateHeaders(rate: RateState, wallMs: number): Record<string, string> {
  return {
    'X-Bapi-Limit': String(rate.limit), 'X-Bapi-Limit-Status': String(rate.remaining),
    'X-Bapi-Limit-Reset-Timestamp': String(rate.resetMs === 0 ? wallMs : rate.resetMs), Timenow: String(wallMs),
  };
}

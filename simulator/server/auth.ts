/**
 * Who is asking, checked as Bybit V5 does: HMAC-SHA256 over timestamp + key + recv window + the RAW query or body.
 *
 * Invariants
 * 1. The signature covers bytes as they arrived; nothing is re-parsed or re-sorted first.
 * 2. Order of checks: key (10003), timestamp window (10002), signature (10004), address (10010). Permission and rate come after.
 * 3. The window is judged by the wall clock, whatever the market's clock says: serverTime − recvWindow ≤ timestamp < serverTime + 1000.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './api-keys.js';
import { Refusal } from './refusal.js';

export interface SignedRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** raw query for GET, raw body for POST */
  payload: string;
  fromAddress: string;
}

export interface AuthContext {
  keys: readonly ApiKey[];
  wallMs: number;
}

const DEFAULT_RECV_WINDOW_MS = 5_000;
const RECV_WINDOW_MAX_MS = 60_000;
const FUTURE_TOLERANCE_MS = 1_000;

/** Throws a Refusal 10003, 10002, 10004 or 10010. */
export function authenticate(request: SignedRequest, context: AuthContext): ApiKey {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const key = context.keys.find((candidate) => candidate.key === header('x-bapi-api-key'));
  if (key === undefined) throw new Refusal(10003, 'API key is invalid.');
  const timestamp = header('x-bapi-timestamp');
  const recvWindow = header('x-bapi-recv-window');
  checkWindow(Number(timestamp), recvWindow === '' ? DEFAULT_RECV_WINDOW_MS : Number(recvWindow), context.wallMs);
  const message = `${timestamp}${key.key}${recvWindow}${request.payload}`;
  if (!isSignedBy(key, message, header('x-bapi-sign'))) throw new Refusal(10004, 'error sign! Please check your signature generation algorithm.');
  if (key.ips.length > 0 && !key.ips.includes(request.fromAddress)) throw new Refusal(10010, 'Unmatched IP, please check your API key\'s bound IP addresses.');
  return key;
}

/** args of the socket's auth frame: [key, expiresMs, HMAC of "GET/realtime" + expiresMs]. Throws a Refusal 10003 or 10004. */
export function authenticateSocket(args: readonly unknown[], context: AuthContext): ApiKey {
  const [keyText, expires, signature] = args.map(String);
  const key = context.keys.find((candidate) => candidate.key === keyText);
  if (key === undefined) throw new Refusal(10003, 'API key is invalid.');
  if (!(Number(expires) > context.wallMs)) throw new Refusal(10004, 'Params Error: expires is in the past');
  if (!isSignedBy(key, `GET/realtime${expires}`, signature ?? '')) throw new Refusal(10004, 'error sign! Please check your signature generation algorithm.');
  return key;
}

/** Throws a Refusal 10002. */
export function checkWindow(timestampMs: number, recvWindowMs: number, wallMs: number): void {
  const windowMs = Number.isFinite(recvWindowMs) && recvWindowMs > 0 ? Math.min(recvWindowMs, RECV_WINDOW_MAX_MS) : DEFAULT_RECV_WINDOW_MS;
  if (timestampMs >= wallMs - windowMs && timestampMs < wallMs + FUTURE_TOLERANCE_MS) return;
  throw new Refusal(10002, `invalid request, please check your server timestamp or recv_window param. req_timestamp[${timestampMs}],server_timestamp[${wallMs}],recv_window[${windowMs}]`);
}

function isSignedBy(key: ApiKey, message: string, signature: string): boolean {
  const expected = createHmac('sha256', key.secret).update(message).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

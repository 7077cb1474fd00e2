/**
 * Who calls. Without tokens in the configuration everybody on this machine is the operator; with tokens everybody shows one.
 *
 * Invariants
 * 1. A presented token is compared with every known one in constant time, by digest.
 * 2. Without tokens only connections of this machine are served, whatever the server was bound to and whatever forwards to it.
 * 3. Failed tries are limited per address. A token that has worked from an address keeps working there: nobody can lock
 *    the operator out of the emergency stop by guessing.
 * 4. No part of a presented token is logged or answered.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { MemoryStore, ipKeyGenerator } from 'express-rate-limit';
import type { Logger } from '../../core/ports/logger.js';
import { RefusedRequest } from '../problem.js';
import type { AccessToken, ApiAccess, Identity } from './access.js';
import { isForwarded, isFromThisMachine, remoteAddress } from './connection.js';
import { suffices, type Role } from './roles.js';

/** wrong tokens per address and window, before the rest are not even looked at */
const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
const TRUSTED_MAX = 1_000;
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]{1,200}=*)$/i;
/** asked by supervisors and collectors of this machine, which hold no token */
export const OPEN_ON_THIS_MACHINE: ReadonlySet<string> = new Set(['/health', '/metrics']);
const CHALLENGE = 'Bearer realm="trading bot"';
const GET_TOKEN = 'send "Authorization: Bearer <token>"; npm run api:token makes one';
const OPERATOR: Identity = { name: 'operator', role: 'admin' };
const BYSTANDER: Identity = { name: 'this machine', role: 'viewer' };

export function authenticate({ tokens }: Pick<ApiAccess, 'tokens'>, logger: Logger): RequestHandler {
  const known = tokens.map((token) => ({ token, digest: Buffer.from(token.sha256, 'hex') }));
  const failures = new FailedTries(logger);
  return async (request, response, next) => {
    response.locals['identity'] = tokens.length === 0 ? withoutTokens(request) : await judge(request);
    next();
  };

  async function judge(request: IncomingMessage & { path: string }): Promise<Identity> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      if (OPEN_ON_THIS_MACHINE.has(request.path) && isFromThisMachine(request)) return BYSTANDER;
      throw new RefusedRequest(401, 'this API needs a token', { code: 30002, fix: GET_TOKEN, headers: { 'WWW-Authenticate': CHALLENGE } });
    }
    const address = remoteAddress(request);
    const found = find(known, BEARER.exec(authorization)?.[1]);
    if (!failures.trusts(address, found)) await failures.refuseWhenMany(address);
    if (found === undefined) {
      await failures.count(address);
      throw new RefusedRequest(401, 'this token is not known', { code: 30002, fix: GET_TOKEN, headers: { 'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"` } });
    }
    failures.trust(address, found);
    return found;
  }
}

/** Throws 403 when the caller's role does not suffice. */
export function demandRole(response: Response, needed: Role): void {
  const { name, role } = identityOf(response);
  if (suffices(role, needed)) return;
  throw new RefusedRequest(403, `${name} is ${role}, this needs ${needed}`, {
    code: 30010, fix: `use a token of role ${needed}`, headers: { 'WWW-Authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${needed}"` },
  });
}

export function identityOf(response: Response): Identity {
  const identity: unknown = response.locals['identity'];
  if (identity === undefined) throw new Error('a route was reached without authentication');
  return identity as Identity;
}

function withoutTokens(request: IncomingMessage): Identity {
  if (isFromThisMachine(request)) return OPERATOR;
  const how = isForwarded(request) ? 'a proxy passes requests on to this API, which has no tokens' : 'without tokens this API serves its own machine only';
  throw new RefusedRequest(401, how, { code: 30002, fix: 'configure api.tokens; npm run api:token makes one', headers: { 'WWW-Authenticate': CHALLENGE } });
}

function find(known: readonly { token: AccessToken; digest: Buffer }[], presented: string | undefined): Identity | undefined {
  const digest = createHash('sha256').update(presented ?? '').digest();
  const [match] = known.filter((entry) => timingSafeEqual(entry.digest, digest));
  return presented === undefined || match === undefined ? undefined : { name: match.token.name, role: match.token.role };
}

/** Per IPv4 address, or per /56 of IPv6: what one holder commands. */
class FailedTries {
  private readonly store = new MemoryStore();
  private readonly trusted = new Set<string>();

  constructor(private readonly logger: Logger) {
    this.store.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore['init']>[0]);
  }

  trusts(address: string, identity: Identity | undefined): boolean {
    return identity !== undefined && this.trusted.has(placeOf(address, identity));
  }

  trust(address: string, identity: Identity): void {
    if (this.trusted.size >= TRUSTED_MAX) this.trusted.clear();
    this.trusted.add(placeOf(address, identity));
  }

  async refuseWhenMany(address: string): Promise<void> {
    const counted = await this.store.get(keyOf(address));
    if (counted === undefined || counted.totalHits < FAILURES_MAX) return;
    const waitS = Math.max(1, Math.ceil(((counted.resetTime?.getTime() ?? Date.now() + WINDOW_MS) - Date.now()) / 1_000));
    throw new RefusedRequest(429, 'too many wrong tokens from this address', { code: 30001, fix: `try again in ${waitS} s`, headers: { 'Retry-After': String(waitS) } });
  }

  async count(address: string): Promise<void> {
    const { totalHits } = await this.store.increment(keyOf(address));
    this.logger.warning('API access refused: wrong token', { address, failures: totalHits, blocked: totalHits >= FAILURES_MAX });
  }
}

function placeOf(address: string, { name }: Identity): string {
  return `${keyOf(address)} ${name}`;
}

function keyOf(address: string): string {
  return ipKeyGenerator(address);
}

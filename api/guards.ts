/**
 * Loopback is not a login: any web page can make its visitor's browser call 127.0.0.1. Two checks on every request,
 * reading ones included, keep foreign pages out.
 *
 * Invariants
 * 1. The Host header names this machine, so a foreign name that was re-pointed here (DNS rebinding) is refused.
 * 2. A request that a browser made for another site (Origin, Sec-Fetch-Site) is refused.
 */
import type { NextFunction, Request, Response } from 'express';
import { RefusedRequest } from './problem.js';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const OWN_SITES = new Set(['same-origin', 'none']);

export function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAMES.has(name.toLowerCase());
}

export function refuseForeignHosts(request: Request, _response: Response, next: NextFunction): void {
  const name = hostname(request.headers.host);
  if (name !== undefined && isLoopbackName(name)) return next();
  throw new RefusedRequest(421, 'this API does not answer under that host name', { fix: 'call it as http://127.0.0.1 or http://localhost' });
}

export function refuseForeignSites(request: Request, _response: Response, next: NextFunction): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const ownOrigin = origin === undefined || origin === `http://${host ?? ''}`;
  const ownSite = site === undefined || (typeof site === 'string' && OWN_SITES.has(site));
  if (ownOrigin && ownSite) return next();
  throw new RefusedRequest(403, 'requests that a browser makes for another site are refused', { fix: 'call the API from its own page or from a program' });
}

/** The name of a Host header without its port; undefined when it is none. */
function hostname(host: string | undefined): string | undefined {
  return host === undefined ? undefined : /^(\[[0-9a-fA-F:.]+\]|[^:/@\s]+)(?::\d{1,5})?$/.exec(host)?.[1];
}

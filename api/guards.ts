/**
 * Loopback is not a login: any web page can make its visitor's browser call 127.0.0.1. Two checks on every request,
 * reading ones included, keep foreign pages out, with tokens and without.
 *
 * Invariants
 * 1. The Host header names this machine, one of the configured names, or literally the address the request came in on, so a
 *    foreign name that was re-pointed here (DNS rebinding) is refused.
 * 2. A request that a browser made for another site (Origin, Sec-Fetch-Site) is refused.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { RefusedRequest } from './problem.js';
import type { ApiAccess } from './security/access.js';
import { withoutMapping } from './security/connection.js';

const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const OWN_SITES = new Set(['same-origin', 'none']);

export function refuseForeignHosts({ allowedHosts }: Pick<ApiAccess, 'allowedHosts'>): RequestHandler {
  const names = new Set([...OWN_NAMES, ...allowedHosts]);
  return (request, _response, next) => {
    const name = hostname(request.headers.host);
    if (name !== undefined && (names.has(name) || isOwnAddress(name, request))) return next();
    throw new RefusedRequest(421, 'this API does not answer under that host name', { fix: 'call it as http://127.0.0.1 or http://localhost, or add the name to api.allowed_hosts' });
  };
}

export function refuseForeignSites({ allowedHosts }: Pick<ApiAccess, 'allowedHosts'>): RequestHandler {
  const published = new Set(allowedHosts);
  return (request, _response, next) => {
    const { origin, host = '' } = request.headers;
    const site = request.headers['sec-fetch-site'];
    // whoever gives the API a name of its own has a TLS end in front of it
    const own = [`http://${host}`, ...(published.has(hostname(host) ?? '') ? [`https://${host}`] : [])];
    const isOwnOrigin = origin === undefined || own.includes(origin);
    const isOwnSite = site === undefined || (typeof site === 'string' && OWN_SITES.has(site));
    if (isOwnOrigin && isOwnSite) return next();
    throw new RefusedRequest(403, 'requests that a browser makes for another site are refused', { fix: 'call the API from its own page or from a program' });
  };
}

/** The name of a Host header without its port, in lower case; undefined when it is none. */
function hostname(host: string | undefined): string | undefined {
  return host === undefined ? undefined : /^(\[[0-9a-fA-F:.]+\]|[^:/@\s]+)(?::\d{1,5})?$/.exec(host)?.[1]?.toLowerCase();
}

/** An address cannot be re-pointed as a name can. */
function isOwnAddress(name: string, { socket }: IncomingMessage): boolean {
  const address = name.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && address === withoutMapping(socket.localAddress ?? '');
}

/** How often one client may ask: a token wherever it is used from, or an address. Sized to stop a runaway, never a person. */
import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit, type AugmentedRequest } from 'express-rate-limit';
import { RefusedRequest } from '../problem.js';
import type { ApiAccess } from './access.js';
import { identityOf } from './authentication.js';
import { isFromThisMachine, remoteAddress } from './connection.js';

const WINDOW_MS = 60_000;
/** programs of this machine: hundreds of readers at full speed pass */
const LOCAL_DEFAULT = 1_000_000;
const REMOTE_DEFAULT = 1_200;

export function limitRequests({ tokens, requestsPerMinute }: Pick<ApiAccess, 'tokens' | 'requestsPerMinute'>): RequestHandler {
  const clientOf = (request: Request, response: Response): string => (tokens.length === 0 ? ipKeyGenerator(remoteAddress(request)) : identityOf(response).name);
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: (request) => requestsPerMinute ?? (isFromThisMachine(request) ? LOCAL_DEFAULT : REMOTE_DEFAULT),
    keyGenerator: clientOf,
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    validate: false,
    handler: (request, _response, next) => next(refusal(request as Request & Partial<AugmentedRequest>)),
  });
}

function refusal(request: Partial<AugmentedRequest>): RefusedRequest {
  const { limit = 0, resetTime } = request['rateLimit'] ?? {};
  const waitS = Math.max(1, Math.ceil(((resetTime?.getTime() ?? Date.now() + WINDOW_MS) - Date.now()) / 1_000));
  return new RefusedRequest(429, `more than ${limit} requests in a minute`, {
    code: 30001, fix: `ask again in ${waitS} s, or raise api.requests_per_minute`, headers: { 'Retry-After': String(waitS) },
  });
}

/** Requests that never become one: too slow, too large in their headers, or no HTTP. They too are answered with a problem document. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, problemOf, RefusedRequest } from '../problem.js';

const REFUSALS: Record<string, RefusedRequest> = {
  ERR_HTTP_REQUEST_TIMEOUT: new RefusedRequest(408, 'the request did not come to an end in time', { fix: 'send it at once' }),
  HPE_HEADER_OVERFLOW: new RefusedRequest(431, 'the headers are too large', { fix: 'send fewer or shorter headers' }),
};
const UNREADABLE = new RefusedRequest(400, 'this is no HTTP request', { fix: 'speak HTTP/1.1 to this port' });

/** Listener of `clientError`. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const problem = problemOf(REFUSALS[error.code ?? ''] ?? UNREADABLE, randomUUID());
  const body = JSON.stringify(problem);
  socket.end([
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}`, `Content-Length: ${Buffer.byteLength(body)}`, 'Cache-Control: no-store', 'X-Content-Type-Options: nosniff', 'Connection: close',
    '', body,
  ].join('\r\n'));
}

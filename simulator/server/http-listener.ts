/** The HTTP side of the port: reads a request's bytes, hands them to the dispatcher or the admin surface, writes the reply. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../../core/ports/logger.js';
import type { AdminSurface } from '../admin/admin-surface.js';
import { dispatch, type DispatchContext, type RawRequest, type WireReply } from './rest-dispatch.js';

const BODY_BYTES_MAX = 1_000_000;
const KEEP_ALIVE_MS = 65_000;

export interface HttpListenerOptions {
  context: DispatchContext;
  admin: AdminSurface;
  logger: Logger;
}

export function createHttpListener(options: HttpListenerOptions): Server {
  const server = createServer((request, response) => {
    serve(request, response, options).catch((error: unknown) => {
      options.logger.error('request failed', { path: request.url?.split('?')[0], reason: error instanceof Error ? error.message : 'unknown', stack: error instanceof Error ? error.stack : undefined });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpListenerOptions): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const [path = '', rawQuery = ''] = splitOnce(request.url ?? '', '?');
  const raw: RawRequest = { method: request.method ?? 'GET', path, rawQuery, body, headers: request.headers, fromAddress: addressOf(request) };
  if (path.startsWith('/sim/')) {
    const reply = await options.admin.handle(raw);
    response.writeHead(reply.status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(reply.body));
    return;
  }
  await write(await dispatch(raw, options.context), request, response);
}

async function write(reply: WireReply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (reply.kind === 'cut') {
    request.socket.destroy();
    return;
  }
  if (reply.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, reply.delayMs).unref());
  response.writeHead(reply.status, { 'Content-Type': reply.contentType, ...reply.headers }).end(reply.body);
}

/** undefined: too large */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

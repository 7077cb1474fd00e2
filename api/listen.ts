/** Puts the API on its port, and takes it off again without cutting an answer short. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { BotError } from '../core/errors/bot-error.js';

const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 1_000;
const CLOSE_GRACE_MS = 5_000;
const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);

export interface ListeningApi {
  port: number;
  /** resolves when every request in flight has been answered, or after 5 s */
  close(): Promise<void>;
}

/** Rejects with 10002 for an address other people can reach, and with 10006 when the port cannot be had. */
export async function listen(app: Express, { host, port }: { host: string; port: number }): Promise<ListeningApi> {
  if (!LOOPBACK_HOSTS.has(host)) {
    throw new BotError(10002, `the API does not listen on ${host}: without tokens it serves this machine only`, { fix: 'set BOT_API_HOST=127.0.0.1' });
  }
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, app);
  server.maxConnections = CONNECTIONS_MAX;
  await bind(server, { host, port });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
    server.listen({ host, port }, resolve);
  });
}

function portError({ code = 'unknown' }: NodeJS.ErrnoException, port: number): BotError {
  const options = { foreignCode: code, retryable: false };
  if (code === 'EADDRINUSE') return new BotError(10006, `port ${port} for the API is taken by another process`, { ...options, fix: 'end that process, or choose another port with BOT_API_PORT (0 picks a free one)' });
  if (code === 'EACCES') return new BotError(10006, `port ${port} for the API may not be used by this user`, { ...options, fix: 'choose a port above 1023 with BOT_API_PORT' });
  return new BotError(10006, `the API cannot listen on port ${port} (${code})`, { ...options, fix: 'choose another port with BOT_API_PORT' });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    // connections that are answering now would otherwise be kept open for the client's next request
    server.keepAliveTimeout = 1;
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

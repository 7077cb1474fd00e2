/**
 * Puts the API on its port, and takes it off again without cutting an answer short.
 *
 * Invariants
 * 1. Without tokens it is bound to an address of this machine only. What counts is the address that a name stands for.
 * 2. A client that sends or reads slowly, or not at all, loses its connection after a while.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { BotError } from '../core/errors/bot-error.js';
import { answerUnreadable } from './security/unreadable-requests.js';
import { isLoopbackAddress } from './security/connection.js';

export interface Patience {
  /** ms for the headers of a request, from its first byte */
  headersMs: number;
  /** ms for a request with its body */
  requestMs: number;
  /** ms that an idle connection is kept for the client's next request */
  keepAliveMs: number;
  /** ms without a byte in either direction; above the time limit of a request */
  silenceMs: number;
}

const ORDINARY_PATIENCE: Patience = { headersMs: 10_000, requestMs: 15_000, keepAliveMs: 5_000, silenceMs: 30_000 };
const CHECK_EVERY_MS_MAX = 1_000;
const CONNECTIONS_MAX = 1_000;
const CLOSE_GRACE_MS = 5_000;

export interface ListeningApi {
  port: number;
  /** resolves when every request in flight has been answered, or after 5 s */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** a name or an address */
  host: string;
  /** 0 picks a free one */
  port: number;
  /** whether callers have to show a token */
  asksForTokens: boolean;
  patience?: Patience;
}

/** Rejects with 10002 for an address that others can reach while no tokens are asked for, and with 10006 when the port cannot be had. */
export async function listen(app: Express, { host, port, asksForTokens, patience = ORDINARY_PATIENCE }: ListenOptions): Promise<ListeningApi> {
  const address = await addressOf(host);
  if (!asksForTokens && !isLoopbackAddress(address)) {
    throw new BotError(10002, `the API does not listen on ${host}: without tokens it serves this machine only`, {
      fix: 'make a token with npm run api:token and put it under api.tokens of the configuration, or set BOT_API_HOST=127.0.0.1',
    });
  }
  const server = createServer({
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS_MAX, patience.headersMs),
  }, app);
  server.maxConnections = CONNECTIONS_MAX;
  server.timeout = patience.silenceMs;
  server.on('clientError', answerUnreadable);
  await bind(server, { host: address, port });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new BotError(10002, `the API cannot listen on ${host}: no address belongs to that name`, { fix: 'set BOT_API_HOST to an address of this machine' });
  }
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
  if (code === 'EADDRNOTAVAIL') return new BotError(10002, 'the API cannot listen there: the address is none of this machine', { ...options, fix: 'set BOT_API_HOST to an address of this machine' });
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

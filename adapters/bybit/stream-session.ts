/**
 * One socket with its topics, from the first connection to its close.
 *
 * Invariants
 * 1. `connected` is told only when the exchange confirmed every topic, not when the socket opened.
 * 2. A connection that does not confirm in time, or answers no ping, is replaced, with a growing pause.
 * 3. A refusal (of the key, of a topic) ends the session: trying again would not help. It is told once, by `failed`.
 * 4. Nothing is told after `close`.
 */
import type { WsKey } from 'bybit-api';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Stream, StreamState } from '../../core/ports/exchange.js';
import type { Redact } from './errors/redactor.js';
import type { BybitSocketClient } from './websocket.js';

export interface SessionHandlers {
  frame(frame: unknown): void;
  state(state: StreamState, reason: string): void;
  failed(error: BotError): void;
}

export interface SessionOptions {
  client: BybitSocketClient;
  wsKey: WsKey;
  topics: readonly string[];
  handlers: SessionHandlers;
  now: () => number;
  logger: Logger;
  redact: Redact;
}

const socketOpened = z.object({ wsKey: z.string(), ws: z.custom<OpenSocket>((value) => typeof value === 'object' && value !== null && 'addEventListener' in value) });
interface OpenSocket { addEventListener(event: 'message', listener: () => void): void }
const subscribed = z.object({ op: z.literal('subscribe'), success: z.literal(true), req_id: z.string() });
const refused = z.object({ op: z.enum(['auth', 'subscribe']), success: z.literal(false), ret_msg: z.string().catch('') });

export function openSession(options: SessionOptions): Stream {
  const session = new StreamSession(options);
  session.start();
  return session;
}

class StreamSession implements Stream {
  readonly #options: SessionOptions;
  readonly #unconfirmed = new Set<string>();
  #lastMessageAtMs = 0;
  #isClosed = false;
  #confirmTimer: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  start(): void {
    const { client, topics, logger, redact } = this.#options;
    client.on('open', (event) => { this.#opened(event); });
    client.on('reconnected', (event) => { this.#opened(event); });
    client.on('reconnect', () => { this.#lost(); });
    client.on('response', (event: unknown) => { this.#answered(event); });
    client.on('exception', (event: unknown) => { this.#excepted(event); });
    client.on('update', (event: unknown) => { if (!this.#isClosed) this.#options.handlers.frame(event); });
    queueMicrotask(() => { this.#tell('connecting', 'first connection'); });
    for (const attempt of client.subscribeV5([...topics], 'linear')) {
      attempt.catch((error: unknown) => { logger.debug('A stream connection attempt failed', { reason: redact(String(error)) }); });
    }
  }

  lastMessageAtMs(): number {
    return this.#lastMessageAtMs;
  }

  close(): Promise<void> {
    this.#end('closed by the caller');
    return Promise.resolve();
  }

  #opened(event: unknown): void {
    if (this.#isClosed) return;
    const opened = socketOpened.safeParse(event);
    if (opened.success) opened.data.ws.addEventListener('message', () => { this.#lastMessageAtMs = this.#options.now(); });
    this.#awaitConfirmation();
  }

  #awaitConfirmation(): void {
    const { client, topics, wsKey, logger } = this.#options;
    for (const topic of topics) this.#unconfirmed.add(topic);
    clearTimeout(this.#confirmTimer);
    this.#confirmTimer = setTimeout(() => {
      logger.warning('A stream was not confirmed in time and is opened anew', { unconfirmedTopics: [...this.#unconfirmed] });
      client.replaceConnection(wsKey);
    }, client.timings.confirmTimeoutMs);
  }

  #answered(event: unknown): void {
    const answer = subscribed.safeParse(event);
    if (this.#isClosed || !answer.success || this.#unconfirmed.size === 0) return;
    for (const topic of answer.data.req_id.split(',')) this.#unconfirmed.delete(topic);
    if (this.#unconfirmed.size > 0) return;
    clearTimeout(this.#confirmTimer);
    this.#options.client.resetReconnectDelay();
    this.#tell('connected', 'all topics confirmed');
  }

  #excepted(event: unknown): void {
    const refusal = refused.safeParse(event);
    if (this.#isClosed || !refusal.success) return;
    const words = this.#options.redact(refusal.data.ret_msg);
    const error = refusal.data.op === 'auth'
      ? new BotError(30002, `the account stream refused the key: "${words}"`)
      : new BotError(30004, `the exchange refused a topic: "${words}"`);
    this.#end(error.message);
    this.#options.handlers.failed(error);
  }

  #lost(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#confirmTimer);
    this.#options.client.lengthenReconnectDelay();
    this.#tell('reconnecting', 'connection lost');
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    clearTimeout(this.#confirmTimer);
    this.#tell('closed', reason);
    this.#isClosed = true;
    this.#options.client.shutDown();
  }

  #tell(state: StreamState, reason: string): void {
    if (!this.#isClosed) this.#options.handlers.state(state, reason);
  }
}

/**
 * Cached texts in Redis.
 *
 * Invariants
 * 1. No call takes longer than `ANSWER_TIMEOUT_MS`; while Redis is known to be away it takes no time at all. After a
 *    failed call Redis counts as away for a moment, so a server that hangs is not waited for by everybody in turn.
 * 2. The client reconnects by itself for as long as the process lives; a connection on which nothing comes back is replaced.
 * 3. Nothing of the foreign client's errors passes but their words, which hold no password.
 */
import { createClient } from 'redis';
import { BotError } from '../../core/errors/bot-error.js';
import type { CacheStore } from './store.js';

const ANSWER_TIMEOUT_MS = 250;
/** How long the first calls wait for the first connection. */
const FIRST_CONTACT_MS = 500;
const AWAY_AFTER_FAILURE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MAX_MS = 2_000;
const PING_EVERY_MS = 2_000;
const SILENCE_MAX_MS = 6_000;
const QUEUE_MAX = 1_000;

/** `keyPrefix` stands before every key, for servers that several bots share. Connects in the background; never rejects. */
export function createRedisStore({ url, keyPrefix }: { url: string; keyPrefix: string }): CacheStore {
  return new RedisStore(url, keyPrefix);
}

class RedisStore implements CacheStore {
  readonly backend = 'redis';
  readonly #client: ReturnType<typeof openClient>;
  readonly #firstContact: Promise<unknown>;
  readonly #prefix: string;
  #awayUntilMs = 0;
  #lastReason = 'it has not answered yet';

  constructor(url: string, prefix: string) {
    this.#prefix = prefix;
    this.#client = openClient(url);
    this.#client.on('error', (error: unknown) => { this.#lastReason = wordsOf(error); });
    const connected = this.#client.connect().catch((error: unknown) => { this.#lastReason = wordsOf(error); });
    this.#firstContact = Promise.race([connected, pause(FIRST_CONTACT_MS)]);
  }

  async get(key: string): Promise<string | undefined> {
    return await this.#ask(() => this.#client.get(this.#prefix + key)) ?? undefined;
  }

  async set(key: string, text: string, keepMs: number): Promise<void> {
    await this.#ask(() => this.#client.set(this.#prefix + key, text, { expiration: { type: 'PX', value: keepMs } }));
  }

  async drop(key: string): Promise<void> {
    await this.#ask(() => this.#client.del(this.#prefix + key));
  }

  /** What lies in Redis does not lie in this process. */
  releaseMemory(): void {}

  close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  async #ask<T>(send: () => Promise<T>): Promise<T> {
    await this.#firstContact;
    if (!this.#client.isReady || performance.now() < this.#awayUntilMs) throw away(this.#lastReason);
    try {
      return await withinTime(send());
    } catch (error) {
      this.#lastReason = wordsOf(error);
      this.#awayUntilMs = performance.now() + AWAY_AFTER_FAILURE_MS;
      throw away(this.#lastReason);
    }
  }
}

function openClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: QUEUE_MAX,
    pingInterval: PING_EVERY_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MAX_MS,
      reconnectStrategy: (retries) => Math.min(RECONNECT_MAX_MS, 100 * 2 ** Math.min(retries, 10)),
    },
  });
}

function away(reason: string): BotError {
  return new BotError(10004, `Redis does not answer: ${reason}`, { fix: 'start the Redis server, or correct REDIS_URL; until then everything is read from its source' });
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
  });
  // An answer that comes too late, good or bad, is of no interest to anybody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms).unref(); });
}

/** Connection errors of several addresses are an AggregateError without a message of its own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : 'an unknown reason';
}

/**
 * Builds the foreign clients. The only place that decides where they connect and with which limits.
 *
 * Invariants
 * 1. The addresses were checked (`addresses.ts`) before a key is handed to a client.
 * 2. No proxy of the environment is used: sockets would not take it, and a key bound to one address would be seen from two.
 * 3. A request time-out of its own; bybit-api's default is five minutes.
 * 4. The client signs with the clock correction of this adapter and never starts timers of its own.
 */
import { createHmac } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { RestClientV5, type RestClientOptions } from 'bybit-api';
import { paperAddresses } from './addresses.js';
import type { ClockCorrection } from './clock-correction.js';
import { socketTimingsOf, type BybitExchangeOptions } from './options.js';
import { BybitSocketClient } from './websocket.js';
import type { Redact } from './errors/redactor.js';

const MAX_CONNECTIONS = 100;
const MAX_IDLE_CONNECTIONS = 30;
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

export interface RestConnection {
  client: RestClientV5;
  close(): void;
}

export interface ClientFactory {
  rest(): RestConnection;
  socket(): BybitSocketClient;
}

/** Throws BotError 10002 when the addresses do not fit the mode. */
export function createClientFactory(options: BybitExchangeOptions, shared: { clock: ClockCorrection; redact: Redact }): ClientFactory {
  const paper = paperAddresses(options);
  return {
    rest: () => openRest(options, paper?.rest, shared.clock),
    socket: () => new BybitSocketClient({
      paperBaseUrl: paper?.ws,
      timings: socketTimingsOf(options),
      credentials: credentialsOf(options),
      clock: shared.clock,
      logger: options.logger,
      redact: shared.redact,
    }),
  };
}

function openRest(options: BybitExchangeOptions, baseUrl: string | undefined, clock: ClockCorrection): RestConnection {
  const limits = { keepAlive: true, maxSockets: MAX_CONNECTIONS, maxFreeSockets: MAX_IDLE_CONNECTIONS };
  const httpAgent = new HttpAgent(limits);
  const httpsAgent = new HttpsAgent(limits);
  const client = new CorrectedRestClient(
    {
      ...credentialsOf(options),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      recv_window: options.recvWindowMs,
      parseAPIRateLimits: true,
      syncTimeBeforePrivateRequests: true,
    },
    { timeout: options.requestTimeoutMs, proxy: false, maxRedirects: 0, maxContentLength: MAX_REPLY_BYTES, httpAgent, httpsAgent },
    clock,
  );
  return { client, close: () => { httpAgent.destroy(); httpsAgent.destroy(); } };
}

/** bybit-api asks `fetchTimeOffset` before each signature; its own version needs a request and reports failures on the console. */
class CorrectedRestClient extends RestClientV5 {
  readonly #clock: ClockCorrection;

  constructor(options: RestClientOptions, network: ConstructorParameters<typeof RestClientV5>[1], clock: ClockCorrection) {
    super(options, network);
    this.#clock = clock;
  }

  override fetchTimeOffset(): Promise<number> {
    return Promise.resolve(this.#clock.offsetMs());
  }
}

type Credentials = Pick<RestClientOptions, 'key' | 'secret' | 'testnet' | 'demoTrading' | 'customSignMessageFn'> & { recvWindow: number };

function credentialsOf(options: BybitExchangeOptions): Credentials {
  return {
    key: options.key,
    secret: options.secret,
    recvWindow: options.recvWindowMs,
    testnet: options.mode === 'testnet',
    demoTrading: options.mode === 'demo',
    ...(isRsaKey(options.secret) ? {} : { customSignMessageFn: signWithHmac }),
  };
}

function isRsaKey(secret: string): boolean {
  return secret.includes('PRIVATE KEY');
}

/** Node's own HMAC: a signature without a detour through Web Crypto's promises. */
function signWithHmac(message: string, secret: string): Promise<string> {
  return Promise.resolve(createHmac('sha256', secret).update(message).digest('hex'));
}

/**
 * bybit-api's socket client with what it lacks: an address per socket that survives reconnects, a growing pause between
 * connections, a shut-down that stays down, and a logger that shows no foreign objects.
 *
 * Invariants
 * 1. In paper mode every socket goes to the paper address, on reconnects too. bybit-api's `wsUrl` would send all sockets
 *    to one path, its `connect(key, url)` falls back to the real exchange after the first drop; neither is used.
 * 2. Every connection authenticates anew. bybit-api keeps waiting for an authentication that the lost connection left
 *    unanswered, and then never sends another.
 * 3. Nothing connects after `shutDown`.
 */
import { WebsocketClient, type DefaultLogger, type WSClientConfigurableOptions, type WsKey } from 'bybit-api';
import type { Logger } from '../../core/ports/logger.js';
import type { ClockCorrection } from './clock-correction.js';
import type { Redact } from './errors/redactor.js';
import type { SocketTimings } from './options.js';

const PAPER_PATHS: Partial<Record<WsKey, string>> = {
  v5LinearPublic: '/v5/public/linear',
  v5Private: '/v5/private',
  v5PrivateTrade: '/v5/trade',
};
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** Pauses are spread by up to a fifth, so that many clients do not come back in the same instant. */
const JITTER_SHARE = 0.2;

export interface SocketSettings {
  /** undefined: Bybit's own hosts */
  paperBaseUrl: string | undefined;
  timings: SocketTimings;
  credentials: Pick<WSClientConfigurableOptions, 'key' | 'secret' | 'testnet' | 'demoTrading' | 'recvWindow' | 'customSignMessageFn'>;
  clock: ClockCorrection;
  logger: Logger;
  redact: Redact;
}

export class BybitSocketClient extends WebsocketClient {
  readonly timings: SocketTimings;
  readonly #paperBaseUrl: string | undefined;
  readonly #clock: ClockCorrection;
  #isShutDown = false;

  constructor(settings: SocketSettings) {
    super(
      {
        ...settings.credentials,
        pingInterval: settings.timings.pingIntervalMs,
        pongTimeout: settings.timings.pongTimeoutMs,
        reconnectTimeout: settings.timings.reconnectDelayMs,
        wsOptions: { handshakeTimeout: HANDSHAKE_TIMEOUT_MS, maxPayload: MAX_FRAME_BYTES },
      },
      quietLogger(settings.logger, settings.redact),
    );
    this.timings = settings.timings;
    this.#paperBaseUrl = settings.paperBaseUrl;
    this.#clock = settings.clock;
  }

  /** Doubles the pause before the next connection, up to its ceiling. */
  lengthenReconnectDelay(): void {
    const { reconnectDelayMs, maxReconnectDelayMs } = this.timings;
    const doubled = Math.min(this.options.reconnectTimeout * 2, maxReconnectDelayMs);
    const jitter = 1 + JITTER_SHARE * (Math.random() - 0.5);
    this.options.reconnectTimeout = Math.max(reconnectDelayMs, Math.round(doubled * jitter));
  }

  resetReconnectDelay(): void {
    this.options.reconnectTimeout = this.timings.reconnectDelayMs;
  }

  /** Cuts one socket so that it is opened anew. */
  replaceConnection(wsKey: WsKey): void {
    this.getWsStore().getWs(wsKey)?.terminate();
  }

  shutDown(): void {
    this.#isShutDown = true;
    this.closeAll(true);
  }

  /** Read by bybit-api for each authentication and each order. */
  override getTimeOffsetMs(): number {
    return this.#clock.offsetMs();
  }

  protected override async getWsUrl(wsKey: WsKey): Promise<string> {
    if (this.#isShutDown) throw new Error('this socket client was shut down');
    this.getWsStore().removeAuthenticationInProgressPromise(wsKey);
    if (this.#paperBaseUrl === undefined) return super.getWsUrl(wsKey);
    const path = PAPER_PATHS[wsKey];
    if (path === undefined) throw new Error(`paper mode has no socket "${wsKey}"`);
    return `${this.#paperBaseUrl}${path}`;
  }

  /** Asked before each reconnect: answering yes and then doing nothing ends the chain of attempts. */
  protected override isCustomReconnectionNeeded(): boolean {
    return this.#isShutDown;
  }
}

/** Only the words pass, redacted: the objects behind them hold signatures, requests and sockets. */
function quietLogger(logger: Logger, redact: Redact): DefaultLogger {
  const words = (params: unknown[]): string => (typeof params[0] === 'string' ? redact(params[0]) : 'bybit-api reported an event without words');
  return {
    trace: () => undefined,
    info: (...params: unknown[]) => { logger.debug(words(params)); },
    error: (...params: unknown[]) => { logger.warning(words(params)); },
  };
}

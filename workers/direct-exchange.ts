/** The exchange as the emergency path without Temporal reaches it: by REST alone, opened when it is needed. */
import { createBybitExchange } from '../adapters/bybit/exchange.js';
import type { ExchangeAccess } from '../config/environment.js';
import type { Configuration } from '../config/load.js';
import { isBotError } from '../core/errors/bot-error.js';
import type { Logger } from '../core/ports/logger.js';
import type { DirectEmergencyDependencies } from './direct-emergency.js';

interface DirectExchangeParts {
  access: ExchangeAccess | undefined;
  mode: Configuration['mode'];
  recvWindowMs: number;
  requestTimeoutMs: number;
  logger: Logger;
}

export function directExchange({ access, mode, recvWindowMs, requestTimeoutMs, logger }: DirectExchangeParts): DirectEmergencyDependencies['exchange'] {
  if (access === undefined) return { kind: 'none', because: 'BYBIT_API_KEY and BYBIT_API_SECRET are not in its environment' };
  const { credentials, exchangeUrls: urls } = access;
  try {
    const exchange = createBybitExchange({
      mode, logger, now: Date.now, ...credentials, ...(urls === undefined ? {} : { restUrl: urls.rest, wsUrl: urls.websocket }), recvWindowMs, requestTimeoutMs, orderTransport: 'rest',
    });
    return { kind: 'reachable', exchange, recvWindowMs };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { kind: 'none', because: error.message };
  }
}

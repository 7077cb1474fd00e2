/** The exchange of the configured mode. The only difference between the modes is address and key. */
import { createBybitExchange, type BybitExchange } from '../adapters/bybit/exchange.js';
import type { WorkerSettings } from '../config/environment.js';
import type { Configuration } from '../config/load.js';
import type { Logger } from '../core/ports/logger.js';

export interface ExchangeParts {
  settings: WorkerSettings;
  configuration: Configuration;
  logger: Logger;
}

export function openExchange({ settings, configuration, logger }: ExchangeParts): BybitExchange {
  const { exchange, mode } = configuration;
  const urls = settings.exchangeUrls;
  return createBybitExchange({
    mode, logger, now: Date.now, ...settings.credentials,
    ...(urls ? { restUrl: urls.rest, wsUrl: urls.websocket } : {}),
    recvWindowMs: exchange.recv_window_ms,
    requestTimeoutMs: exchange.request_timeout_ms,
    orderTransport: exchange.order_transport === 'websocket' ? 'socket' : 'rest',
  });
}

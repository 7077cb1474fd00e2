/** Values to cache, and a logger that remembers what was said of them. */
import { openCache } from '../../../../adapters/cache/open-cache.js';
import type { Instrument } from '../../../../core/market/instrument.js';
import { toDecimalString, type DecimalString } from '../../../../core/money/decimal.js';
import type { Cache } from '../../../../core/ports/cache.js';
import type { Ticker } from '../../../../core/ports/exchange.js';
import type { LogFields, Logger } from '../../../../core/ports/logger.js';

const d = (text: string): DecimalString => toDecimalString(text);

export function instrument(symbol: string): Instrument {
  return {
    symbol, baseCoin: symbol.slice(0, 3), quoteCoin: 'USDT', status: 'Trading', tickSize: d('0.1'), qtyStep: d('0.001'), minOrderQty: d('0.001'), maxOrderQty: d('1190'), maxMarketOrderQty: d('500'),
    minNotional: d('5'), minLeverage: d('1'), maxLeverage: d('100'), leverageStep: d('0.01'), fundingIntervalMinutes: 480, priceLimitRatioX: d('0.01'), priceLimitRatioY: d('0.02'),
  };
}

export function ticker(symbol: string, lastPrice = '100'): Ticker {
  return { symbol, lastPrice: d(lastPrice), markPrice: d('100.5'), indexPrice: d('100.4'), fundingRate: d('-0.0001'), nextFundingMs: 1_700_006_400_000, asOfMs: 1_700_000_000_000 };
}

export interface Said { level: string; message: string; code: unknown }

export function listeningLogger(): Logger & { said: Said[] } {
  const said: Said[] = [];
  const at = (level: string) => (message: string, fields: LogFields = {}): void => void said.push({ level, message, code: fields['code'] });
  const logger = { said, debug: at('debug'), info: at('info'), warning: at('warning'), error: at('error'), critical: at('critical'), child: () => logger };
  return logger;
}

export interface TestedCache { cache: Cache; logger: ReturnType<typeof listeningLogger>; clock: { nowMs: number } }

/** One minute for trading rules, a second for prices. */
export function testedCache(redisUrl?: string, market = 'test'): TestedCache {
  const logger = listeningLogger();
  const clock = { nowMs: 1_700_000_000_000 };
  const cache = openCache({ redisUrl, market, ttlMs: { instruments: 60_000, tickers: 1_000 }, logger, now: () => clock.nowMs });
  return { cache, logger, clock };
}

/**
 * The public REST endpoints of the exchange that `--market live` relays (Bybit V5, or another simulator in tests).
 * Every call has a time-out; every failure is 40004 with what was asked for.
 */
import { z } from 'zod';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { Instrument } from '../../core/market/instrument.js';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Bar } from './candle-series.js';
import type { FundingRate } from './market-source.js';
import type { Book, FundingQuery, KlineQuery, TickerFields } from './public-market.js';

const CALL_TIMEOUT_MS = 8_000;
const PROBE_TIMEOUT_MS = 3_000;

const envelope = z.object({ retCode: z.number(), retMsg: z.string(), result: z.unknown() });
const decimal = z.string().transform((text) => toDecimalString(text));
const level = z.tuple([decimal, decimal]);
const klineResult = z.object({ list: z.array(z.tuple([z.string(), decimal, decimal, decimal, decimal, decimal, decimal])) });
const tickerResult = z.object({ list: z.array(z.record(z.string(), z.string())).min(1) });
const bookResult = z.object({ b: z.array(level), a: z.array(level), u: z.number(), seq: z.number() });
const fundingResult = z.object({ list: z.array(z.object({ fundingRate: decimal, fundingRateTimestamp: z.string() })) });
const instrumentResult = z.object({ list: z.array(z.object({
  symbol: z.string(), baseCoin: z.string(), quoteCoin: z.string(), status: z.string(), fundingInterval: z.number(),
  priceFilter: z.object({ tickSize: decimal }),
  lotSizeFilter: z.object({ qtyStep: decimal, minOrderQty: decimal, maxOrderQty: decimal, maxMktOrderQty: decimal, minNotionalValue: decimal }),
  leverageFilter: z.object({ minLeverage: decimal, maxLeverage: decimal, leverageStep: decimal }),
  riskParameters: z.object({ priceLimitRatioX: decimal, priceLimitRatioY: decimal }),
})) });

export class UpstreamRest {
  constructor(private readonly baseUrl: string) {}

  async kline(query: KlineQuery): Promise<Bar[]> {
    const { list } = await this.get('kline', klineResult, { symbol: query.symbol, interval: query.interval, start: query.startMs, end: query.endMs, limit: query.limit });
    return list.map(([start, open, high, low, close, volume, turnover]) => ({ startMs: Number(start), open, high, low, close, volume, turnover }));
  }

  async ticker(symbol: string): Promise<TickerFields> {
    const { list } = await this.get('tickers', tickerResult, { symbol });
    return withoutSymbol(list[0] ?? {});
  }

  async book(symbol: string, depth: number): Promise<Book> {
    const result = await this.get('orderbook', bookResult, { symbol, limit: depth });
    return { bids: result.b, asks: result.a, updateId: result.u, seq: result.seq };
  }

  async fundingHistory(query: FundingQuery): Promise<FundingRate[]> {
    const { list } = await this.get('funding/history', fundingResult, { symbol: query.symbol, startTime: query.startMs, endTime: query.endMs, limit: query.limit });
    return list.map((row) => ({ atMs: Number(row.fundingRateTimestamp), rate: row.fundingRate }));
  }

  /** Rejects with 20002 for a symbol the upstream does not list. */
  async instrument(symbol: string): Promise<Instrument> {
    const { list } = await this.get('instruments-info', instrumentResult, { symbol });
    const row = list.find((candidate) => candidate.symbol === symbol);
    if (row === undefined) throw new BotError(20002, `The live market does not list ${symbol}`);
    return {
      symbol, baseCoin: row.baseCoin, quoteCoin: row.quoteCoin, status: row.status, tickSize: row.priceFilter.tickSize, qtyStep: row.lotSizeFilter.qtyStep,
      minOrderQty: row.lotSizeFilter.minOrderQty, maxOrderQty: row.lotSizeFilter.maxOrderQty, maxMarketOrderQty: row.lotSizeFilter.maxMktOrderQty,
      minNotional: row.lotSizeFilter.minNotionalValue, minLeverage: row.leverageFilter.minLeverage, maxLeverage: row.leverageFilter.maxLeverage,
      leverageStep: row.leverageFilter.leverageStep, fundingIntervalMinutes: row.fundingInterval,
      priceLimitRatioX: row.riskParameters.priceLimitRatioX, priceLimitRatioY: row.riskParameters.priceLimitRatioY,
    };
  }

  private async get<Result>(endpoint: string, schema: z.ZodType<Result>, params: Record<string, string | number | undefined>): Promise<Result> {
    const url = new URL(`/v5/market/${endpoint}`, this.baseUrl);
    url.searchParams.set('category', 'linear');
    for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, String(value));
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
      const answer = envelope.parse(await response.json());
      if (answer.retCode !== 0) throw new BotError(40004, `The live market refused ${endpoint}: ${answer.retMsg}`, { foreignCode: String(answer.retCode) });
      return schema.parse(answer.result);
    } catch (error) {
      if (isBotError(error)) throw error;
      throw new BotError(40004, `The live market did not answer ${endpoint}`, { fix: 'Check the network, or use --market synthetic', cause: error });
    }
  }
}

/** A ticker's fields as they are kept: by symbol, without it. */
export function withoutSymbol(fields: Readonly<Record<string, string>>): TickerFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'symbol'));
}

/** Does the live public feed answer within 3 s? */
export async function probeLiveMarket(restUrl = 'https://api.bybit.com', timeoutMs = PROBE_TIMEOUT_MS): Promise<boolean> {
  try {
    const response = await fetch(new URL('/v5/market/time', restUrl), { signal: AbortSignal.timeout(timeoutMs) });
    return envelope.safeParse(await response.json()).data?.retCode === 0;
  } catch {
    // whatever the reason, the answer to the question is no
    return false;
  }
}

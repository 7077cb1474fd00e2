/** Public market data over REST. */
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { Candle } from '../../core/market/candle.js';
import type { Instrument } from '../../core/market/instrument.js';
import { boundaryAtOrBefore, intervalMs } from '../../core/market/interval.js';
import type { CandleRange, MarketData, Ticker } from '../../core/ports/exchange.js';
import { ENDPOINTS } from './endpoints.js';
import { instrumentPage, klinePage, serverTime, tickerPage } from './parse/market.js';
import type { RequestParams, RestCaller } from './rest-caller.js';

const CATEGORY = 'linear';
const KLINE_PAGE_ROWS = 1_000;

export function createMarketData(rest: RestCaller): MarketData {
  return {
    async serverTime() {
      const { result } = await rest.call({ endpoint: ENDPOINTS.serverTime, params: {}, kind: 'read' }, serverTime);
      return result;
    },
    instruments: (symbols) => Promise.all(symbols.map((symbol) => instrument(rest, symbol))),
    tickers: (symbols) => tickers(rest, symbols),
    closedCandles: (range) => closedCandles(rest, range),
  };
}

async function instrument(rest: RestCaller, symbol: string): Promise<Instrument> {
  const { result } = await rest.call({ endpoint: ENDPOINTS.instruments, params: { category: CATEGORY, symbol }, kind: 'read', share: true }, instrumentPage);
  return found(result.list.find((row) => row.symbol === symbol), symbol);
}

/**
 * One request, however many symbols: without a symbol the exchange answers with all its contracts (Bybit V5 docs, "Get
 * Tickers"), of which only the wanted rows are read, so that a contract nobody trades cannot spoil the answer.
 */
async function tickers(rest: RestCaller, symbols: readonly string[]): Promise<Ticker[]> {
  if (symbols.length === 0) return [];
  const [only] = symbols;
  const filter = symbols.length === 1 && only !== undefined ? { symbol: only } : {};
  const { result, timeMs } = await rest.call({ endpoint: ENDPOINTS.tickers, params: { category: CATEGORY, ...filter }, kind: 'read', share: true }, tickerPage(symbols));
  return symbols.map((symbol) => ({ ...found(result.find((row) => row.symbol === symbol), symbol), asOfMs: timeMs }));
}

function found<T>(row: T | undefined, symbol: string): T {
  if (row === undefined) throw new BotError(20002, `the exchange lists no linear contract "${symbol}"`);
  return row;
}

/**
 * Pages backwards from the newest candle. The exchange always serves the forming candle as the newest row, and which
 * one that is follows from the rows alone, never from a clock: a replayed market's time is not the host's.
 */
async function closedCandles(rest: RestCaller, range: CandleRange): Promise<Candle[]> {
  const formingMs = await formingStartMs(rest, range);
  if (formingMs === undefined) return [];
  const candles: Candle[] = [];
  let endMs = Math.min(range.toMs ?? Infinity, formingMs - 1);
  while (candles.length < range.limit && endMs >= (range.fromMs ?? 0)) {
    const page = await klineRows(rest, { ...range, share: true }, pageBounds(range, endMs, range.limit - candles.length));
    const oldest = page.at(-1);
    if (oldest === undefined) break;
    candles.push(...page);
    endMs = oldest.startMs - 1;
  }
  return candles.reverse();
}

/** Start and end hold exactly as many candles as are wanted, so it does not matter from which side the exchange cuts a longer answer. */
function pageBounds(range: CandleRange, endMs: number, wanted: number): RequestParams {
  const limit = Math.min(KLINE_PAGE_ROWS, wanted);
  const newestMs = boundaryAtOrBefore(endMs, range.interval);
  const start = Math.max(range.fromMs ?? 0, newestMs - (limit - 1) * intervalMs(range.interval));
  return { start, end: endMs, limit };
}

/** The start of the candle that is still forming; undefined when the exchange has no candle of this kind. */
async function formingStartMs(rest: RestCaller, range: CandleRange): Promise<number | undefined> {
  const [newest] = await klineRows(rest, range, { limit: 1 });
  return newest?.startMs;
}

/** Listed on every venue of Bybit; asked for the market's day when the caller names no symbol. */
const REFERENCE_SYMBOL = 'BTCUSDT';
const NOT_LISTED = 20002;

/**
 * An instant that nothing in the market is later than: the end of the day after the market's present one. It comes from
 * the newest candle, because a replayed market's present is not the present of its server's clock.
 */
export async function latestPossibleMs(rest: RestCaller, symbol: string = REFERENCE_SYMBOL): Promise<number> {
  try {
    const todayMs = await formingStartMs(rest, { symbol, interval: 'D', limit: 1 });
    if (todayMs !== undefined) return todayMs + 2 * intervalMs('D') - 1;
  } catch (error) {
    if (!isBotError(error) || error.code !== NOT_LISTED) throw error;
  }
  return (await rest.call({ endpoint: ENDPOINTS.serverTime, params: {}, kind: 'read' }, serverTime)).result;
}

/** Newest first. */
async function klineRows(rest: RestCaller, { symbol, interval, share = false }: Pick<CandleRange, 'symbol' | 'interval'> & { share?: boolean }, bounds: RequestParams): Promise<Candle[]> {
  const params = { category: CATEGORY, symbol, interval, ...bounds };
  const { result } = await rest.call({ endpoint: ENDPOINTS.kline, params, kind: 'read', share }, klinePage);
  return result.list.map((bar) => ({ symbol, interval, ...bar })).sort((one, other) => other.startMs - one.startMs);
}

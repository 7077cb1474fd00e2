/** Public market endpoints. Lists are newest first; unknown symbols are Bybit's 10001. */
import { z } from 'zod';
import { INTERVALS } from '../../core/market/interval.js';
import { toDecimalString } from '../../core/money/decimal.js';
import { restInstrument, restRiskTier } from '../rows/instrument-row.js';
import { invalidParameter } from '../server/refusal.js';
import { flag, integer, limit, parseLinear, text } from './params.js';
import { ok, type PublicRoute, type RouteContext } from './route.js';

const INSTANT_MAX_MS = 8_640_000_000_000_000;
const instant = integer({ min: 0, max: INSTANT_MAX_MS, fallback: 0 }).transform((value) => (value === 0 ? undefined : value));

export const marketRoutes: readonly PublicRoute[] = [
  { access: 'public', method: 'GET', path: '/v5/market/time', handle: (_params, context) => Promise.resolve(ok(timeOf(context.wallMs()))) },
  { access: 'public', method: 'GET', path: '/v5/market/instruments-info', handle: instruments },
  { access: 'public', method: 'GET', path: '/v5/market/tickers', handle: tickers },
  { access: 'public', method: 'GET', path: '/v5/market/kline', handle: kline },
  { access: 'public', method: 'GET', path: '/v5/market/orderbook', handle: orderbook },
  { access: 'public', method: 'GET', path: '/v5/market/funding/history', handle: fundingHistory },
  { access: 'public', method: 'GET', path: '/v5/market/risk-limit', handle: riskLimit },
];

function timeOf(wallMs: number): unknown {
  return { timeSecond: String(Math.floor(wallMs / 1000)), timeNano: `${wallMs}000000` };
}

const instrumentsSchema = z.object({ symbol: text, status: text, baseCoin: text, limit: limit(1000, 500), cursor: text });

function instruments(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(instrumentsSchema, params);
  const rows = context.exchange.listed().map((instrument, index) => ({ instrument, row: restInstrument(instrument, index + 1) }))
    .filter(({ instrument }) => (query.symbol === '' || instrument.symbol === query.symbol) && (query.baseCoin === '' || instrument.baseCoin === query.baseCoin)
      && (query.status === '' || instrument.status === query.status));
  if (query.symbol !== '' && rows.length === 0) throw invalidParameter('params error: symbol invalid');
  return Promise.resolve(ok({ category: 'linear', list: rows.slice(0, query.limit).map(({ row }) => row), nextPageCursor: '' }));
}

const tickersSchema = z.object({ symbol: text, baseCoin: text });

async function tickers(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(tickersSchema, params);
  const symbols = query.symbol === '' ? context.exchange.listed().map((instrument) => instrument.symbol) : [listed(query.symbol, context)];
  const list = await Promise.all(symbols.map(async (symbol) => ({ symbol, ...await context.market.ticker(symbol) })));
  return ok({ category: 'linear', list });
}

const klineSchema = z.object({ symbol: text, interval: text, start: instant, end: instant, limit: limit(1000, 200) });

async function kline(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(klineSchema, params);
  const interval = INTERVALS.find((candidate) => candidate === query.interval);
  const symbol = listed(query.symbol, context);
  if (interval === undefined || !context.market.isTopic(`kline.${interval}.${symbol}`)) throw invalidParameter('Invalid period!');
  const bars = await context.market.kline({ symbol, interval, startMs: query.start, endMs: query.end, limit: query.limit });
  const list = bars.map((bar) => [String(bar.startMs), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.turnover]);
  return ok({ symbol, category: 'linear', list: list.length < 2 ? list : distorted(list, context.faults.candleChange()) });
}

/** Newest first. The row below the top one changes; what is left out is an old one, which nobody has from the stream. */
function distorted(list: string[][], change: ReturnType<RouteContext['faults']['candleChange']>): string[][] {
  const [start = '', open = '', high = '', low = '', ...rest] = list[1] ?? [];
  switch (change) {
    case undefined:
      return list;
    case 'missing':
      return list.toSpliced(-2, 1);
    case 'twice':
      return list.toSpliced(1, 0, ...list.slice(1, 2)).slice(0, list.length);
    case 'invalid':
      return list.toSpliced(1, 1, [start, open, low, high, ...rest]);
    case 'unreadable':
      return list.toSpliced(1, 1, [start, open, high, low, 'n/a', ...rest.slice(1)]);
  }
}

const orderbookSchema = z.object({ symbol: text, limit: limit(1000, 25) });

async function orderbook(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(orderbookSchema, params);
  const book = await context.market.book(listed(query.symbol, context), query.limit);
  const atMs = context.exchange.clock().atMs;
  return ok({ s: query.symbol, b: book.bids, a: book.asks, ts: atMs, u: book.updateId, seq: book.seq, cts: atMs });
}

const fundingSchema = z.object({ symbol: text, startTime: instant, endTime: instant, limit: limit(200, 200) });

async function fundingHistory(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(fundingSchema, params);
  if (query.startTime !== undefined && query.endTime === undefined) throw invalidParameter('params error: endTime is required with startTime');
  const symbol = listed(query.symbol, context);
  const rates = await context.market.fundingHistory({ symbol, startMs: query.startTime, endMs: query.endTime, limit: query.limit });
  const list = rates.map((rate) => ({ symbol, fundingRate: toDecimalString(rate.rate), fundingRateTimestamp: String(rate.atMs) }));
  return ok({ category: 'linear', list });
}

const riskLimitSchema = z.object({ symbol: text, cursor: text, detailed: flag.optional() });

function riskLimit(params: Record<string, unknown>, context: RouteContext): ReturnType<PublicRoute['handle']> {
  const query = parseLinear(riskLimitSchema, params);
  const symbols = query.symbol === '' ? context.exchange.listed().map((instrument) => instrument.symbol) : [listed(query.symbol, context)];
  const list = symbols.flatMap((symbol) => context.exchange.engine.riskTiers(symbol).map((tier) => restRiskTier(symbol, tier)));
  return Promise.resolve(ok({ category: 'linear', list, nextPageCursor: '' }));
}

function listed(symbol: string, context: RouteContext): string {
  if (!context.exchange.isListed(symbol)) throw invalidParameter('params error: symbol invalid');
  return symbol;
}

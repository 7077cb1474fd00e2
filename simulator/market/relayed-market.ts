/**
 * The live market: figures and frames of the upstream exchange, passed on as they are, while its prices drive the
 * engine. Fills are simulated; candles, tickers, book and trades are real.
 *
 * Invariants
 * 1. Market time is the upstream's time and never goes back.
 * 2. Funding settles once per instant: with the ticker's rate while running, with the upstream's history after a pause.
 */
import type { ExchangeCommand } from '../../core/matching/contract.js';
import { Decimal, toDecimalString } from '../../core/money/decimal.js';
import type { Logger } from '../../core/ports/logger.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { Bar } from './candle-series.js';
import type { FundingRate } from './market-source.js';
import type { Book, Frame, FundingQuery, KlineQuery, PublicMarket, TickerFields } from './public-market.js';
import { parseTopic } from './topics.js';
import { withoutSymbol, type UpstreamRest } from './upstream-rest.js';
import { UpstreamSocket, type UpstreamFrame } from './upstream-socket.js';

export interface RelayOptions {
  rest: UpstreamRest;
  wsUrl: string;
  exchange: SimulatedExchange;
  symbols: readonly string[];
  logger: Logger;
}

const FUNDING_ROWS_MAX = 200;
/** a day holds this many 5 minute bars: the volume that meets a taker order */
const BARS_PER_DAY = 288;

export class RelayedMarket implements PublicMarket {
  readonly kind = 'live';
  readonly description: string;
  private readonly tickers = new Map<string, TickerFields>();
  private readonly wanted = new Set<string>();
  private readonly socket: UpstreamSocket;
  private sink: (frame: Frame) => void = () => undefined;
  /** upstream time minus ours, ms */
  private offsetMs = 0;
  private latestMs = 0;

  constructor(private readonly options: RelayOptions) {
    this.description = `live public market of ${options.wsUrl}, fills simulated`;
    this.socket = new UpstreamSocket(options.wsUrl, (frame) => this.receive(frame), options.logger);
    for (const symbol of options.symbols) for (const topic of [`tickers.${symbol}`, `publicTrade.${symbol}`]) this.socket.subscribe(topic);
  }

  /** Sets the first prices and settles what fell due while nobody looked. Rejects with 40004 when the upstream is silent. */
  async open(): Promise<void> {
    const { exchange } = this.options;
    for (const symbol of this.options.symbols) {
      const [newest] = await this.options.rest.kline({ symbol, interval: '5', startMs: undefined, endMs: undefined, limit: 1 });
      const fields = await this.options.rest.ticker(symbol);
      this.tickers.set(symbol, fields);
      if (exchange.hasStarted()) await this.settleMissed(symbol, newest?.startMs ?? exchange.clock().atMs);
    }
    const atMs = Math.max(Date.now(), exchange.clock().atMs);
    this.commit(this.options.symbols.map((symbol) => this.priceStep(symbol, atMs, undefined)), atMs);
    this.socket.open();
  }

  close(): void {
    this.socket.close();
  }

  nowMs(): number {
    this.latestMs = Math.max(this.latestMs, this.options.exchange.clock().atMs, Date.now() + this.offsetMs);
    return this.latestMs;
  }

  kline(query: KlineQuery): Promise<Bar[]> {
    return this.options.rest.kline(query);
  }

  ticker(symbol: string): Promise<TickerFields> {
    return Promise.resolve(this.tickers.get(symbol) ?? {});
  }

  book(symbol: string, depth: number): Promise<Book> {
    return this.options.rest.book(symbol, depth);
  }

  fundingHistory(query: FundingQuery): Promise<FundingRate[]> {
    return this.options.rest.fundingHistory(query);
  }

  isTopic(topic: string): boolean {
    const parsed = parseTopic(topic);
    return parsed !== undefined && this.options.symbols.includes(parsed.symbol);
  }

  subscribe(topic: string): Frame | undefined {
    this.wanted.add(topic);
    const parsed = parseTopic(topic);
    if (parsed?.kind === 'tickers') {
      return { topic, type: 'snapshot', ts: this.nowMs(), data: { symbol: parsed.symbol, ...this.tickers.get(parsed.symbol) } };
    }
    if (parsed?.kind !== 'publicTrade') this.socket.subscribe(topic);
    return undefined;
  }

  unsubscribe(topic: string): void {
    this.wanted.delete(topic);
    const kind = parseTopic(topic)?.kind;
    if (kind === 'kline' || kind === 'orderbook') this.socket.unsubscribe(topic);
  }

  onFrame(sink: (frame: Frame) => void): void {
    this.sink = sink;
  }

  private receive(frame: UpstreamFrame): void {
    const topic = parseTopic(frame.topic);
    if (topic === undefined) return;
    this.offsetMs = Number.isFinite(frame.ts) ? frame.ts - Date.now() : this.offsetMs;
    if (topic.kind === 'tickers') this.tickerMoved(topic.symbol, frame);
    if (topic.kind === 'publicTrade') this.traded(topic.symbol, frame);
    if (this.wanted.has(frame.topic)) this.sink({ ...frame });
  }

  private tickerMoved(symbol: string, frame: UpstreamFrame): void {
    const before = this.tickers.get(symbol) ?? {};
    const changed = withoutSymbol(frame.data as TickerFields);
    const now = frame.type === 'snapshot' ? changed : { ...before, ...changed };
    if (!isPrice(now['lastPrice']) || !isPrice(now['markPrice']) || !isPrice(now['indexPrice'])) {
      this.options.logger.warning('live market sent a ticker without prices; it is ignored', { symbol });
      return;
    }
    this.tickers.set(symbol, now);
    const atMs = this.nowMs();
    const dueMs = Number(before['nextFundingTime'] ?? Infinity);
    const isSettled = Number(now['nextFundingTime'] ?? 0) > dueMs;
    const funding: ExchangeCommand[] = isSettled ? [{ kind: 'fundingTick', symbol, atMs, rate: before['fundingRate'] ?? '0' }] : [];
    this.commit([this.priceStep(symbol, atMs, undefined), ...funding], atMs);
  }

  /** A frame's trades as their extremes and the last one: nothing between can trigger more. */
  private traded(symbol: string, frame: UpstreamFrame): void {
    const prices = (frame.data as { p: string }[]).map((trade) => trade.p).filter(isPrice);
    const last = prices.at(-1);
    if (last === undefined) return;
    const atMs = this.nowMs();
    const steps = new Set([Decimal.min(...prices).toFixed(), Decimal.max(...prices).toFixed(), new Decimal(last).toFixed()]);
    this.commit([...steps, new Decimal(last).toFixed()].map((price) => this.priceStep(symbol, atMs, price)), atMs);
  }

  private priceStep(symbol: string, atMs: number, tradedPrice: string | undefined): ExchangeCommand {
    const fields = this.tickers.get(symbol) ?? {};
    const lastPrice = tradedPrice ?? fields['lastPrice'] ?? '0';
    const volume = toDecimalString(new Decimal(fields['volume24h'] ?? '0').div(BARS_PER_DAY).toDecimalPlaces(3));
    return { kind: 'priceStep', symbol, atMs, lastPrice, markPrice: fields['markPrice'] ?? lastPrice, indexPrice: fields['indexPrice'] ?? lastPrice, volume, continuous: false };
  }

  private async settleMissed(symbol: string, untilMs: number): Promise<void> {
    const sinceMs = this.options.exchange.clock().atMs;
    const missed = await this.options.rest.fundingHistory({ symbol, startMs: sinceMs + 1, endMs: Math.max(untilMs, sinceMs + 1), limit: FUNDING_ROWS_MAX });
    for (const { atMs, rate } of missed.toReversed()) this.commit([{ kind: 'fundingTick', symbol, atMs, rate }], Math.max(atMs, this.options.exchange.clock().atMs));
  }

  private commit(commands: ExchangeCommand[], atMs: number): void {
    const clock = this.options.exchange.clock();
    this.options.exchange.commit(commands, { ...clock, atMs: Math.max(atMs, clock.atMs) });
  }
}

/** The engine takes positive prices only; anything else of the upstream stays outside. */
function isPrice(text: string | undefined): boolean {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0;
}

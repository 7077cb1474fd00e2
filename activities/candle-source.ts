/**
 * Candles for decisions: memory first, then the ledger, then the exchange.
 *
 * Invariants
 * 1. `endingAt` returns exactly `count` consecutive closed candles whose last one closes at `closeMs`, or throws: 40001 the
 *    newest is missing, 40005 older ones are, 40002 and 40007 what the exchange sent contradicts itself, 40004 nobody answers.
 * 2. A candle that contradicts itself is told (40002, 40007) and not taken, wherever it comes from.
 * 3. Memory is bounded: at most `capacity` candles a series. It is a cache, never a source of truth: losing it loses nothing.
 */
import { BotError, isBotError } from '../core/errors/bot-error.js';
import { closeMs as closeOf, type Candle } from '../core/market/candle.js';
import { defectOf } from '../core/market/candle-defects.js';
import { continuityFindings } from '../core/market/continuity.js';
import type { ErrorCode } from '../core/errors/catalogue.js';
import { intervalMs, type Interval } from '../core/market/interval.js';
import type { MarketData } from '../core/ports/exchange.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';

export interface Series {
  symbol: string;
  interval: Interval;
}

export interface CandleSourceOptions {
  market: Pick<MarketData, 'closedCandles'>;
  ledger: Pick<Ledger, 'candles' | 'saveCandles'>;
  logger: Logger;
  /** candles kept in memory per series */
  capacity: number;
}

/** the exchange is away, not: the exchange refuses */
const SOURCE_IS_AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([30003, 30005, 30006]);

export class CandleSource {
  private readonly series = new Map<string, Candle[]>();

  constructor(private readonly options: CandleSourceOptions) {}

  /** Takes sound candles, in any order; known starts are replaced. Returns those that it took. */
  remember(candles: readonly Candle[]): Candle[] {
    const sound = candles.filter((candle) => this.isSound(candle));
    for (const candle of sound) this.insert(candle);
    return sound;
  }

  latestCloseMs(series: Series): number {
    const last = this.series.get(keyOf(series))?.at(-1);
    return last ? closeOf(last) : 0;
  }

  /** The next reading comes from ledger or exchange. */
  forget(series: Series): void {
    this.series.delete(keyOf(series));
  }

  async endingAt(series: Series, closeMs: number, count: number): Promise<Candle[]> {
    const inMemory = this.window(series, closeMs, count);
    if (inMemory) return inMemory;
    this.remember(await this.fromLedger(series, closeMs, count));
    const recorded = this.window(series, closeMs, count);
    if (recorded) return recorded;
    return this.fromExchange(series, closeMs, count);
  }

  /** The ledger is only a shortcut here: when it is down the exchange has the same candles. */
  private async fromLedger(series: Series, closeMs: number, count: number): Promise<Candle[]> {
    try {
      return await this.options.ledger.candles({ ...series, untilMs: closeMs, limit: count });
    } catch (error) {
      if (!isBotError(error)) throw error;
      this.options.logger.warning('Candles not read from the ledger, asking the exchange', { code: error.code, error: error.message });
      return [];
    }
  }

  private async fromExchange(series: Series, closeMs: number, count: number): Promise<Candle[]> {
    const toMs = closeMs - intervalMs(series.interval);
    const fromMs = toMs - (count - 1) * intervalMs(series.interval);
    const fetched = await this.fetch(series, { fromMs, toMs, limit: count });
    const sound = this.remember(fetched);
    const window = this.window(series, closeMs, count);
    if (window) return window;
    refuseContradictions(fetched, sound);
    const isNewestThere = lastIndexClosingAt(this.series.get(keyOf(series)) ?? [], closeMs) >= 0;
    throw new BotError(isNewestThere ? 40005 : 40001, `${series.symbol} ${series.interval}: the exchange returned ${fetched.length} of ${count} candles up to ${new Date(closeMs).toISOString()}`);
  }

  /** Nobody has them when the exchange does not answer: memory and ledger have been asked before. */
  private async fetch(series: Series, range: { fromMs: number; toMs: number; limit: number }): Promise<Candle[]> {
    try {
      return await this.options.market.closedCandles({ ...series, ...range });
    } catch (error) {
      if (!isBotError(error) || !SOURCE_IS_AWAY.has(error.code)) throw error;
      throw new BotError(40004, `${series.symbol} ${series.interval}: no source has the candles; the exchange says: ${error.message}`, { cause: error });
    }
  }

  private isSound(candle: Candle): boolean {
    const defect = defectOf(candle);
    if (defect !== undefined) this.options.logger.error(`Candle not taken: ${defect.message}`, { code: defect.code, symbol: candle.symbol });
    return defect === undefined;
  }

  private window(series: Series, closeMs: number, count: number): Candle[] | undefined {
    const candles = this.series.get(keyOf(series)) ?? [];
    const last = lastIndexClosingAt(candles, closeMs);
    if (last < count - 1) return undefined;
    const window = candles.slice(last - count + 1, last + 1);
    return isConsecutive(window) ? window : undefined;
  }

  private insert(candle: Candle): void {
    const key = keyOf(candle);
    const candles = this.series.get(key) ?? [];
    this.series.set(key, candles);
    const newest = candles.at(-1);
    if (!newest || candle.startMs > newest.startMs) {
      candles.push(candle);
    } else {
      const at = candles.findIndex((known) => known.startMs >= candle.startMs);
      candles.splice(at, candles[at]?.startMs === candle.startMs ? 1 : 0, candle);
    }
    if (candles.length > this.options.capacity) candles.splice(0, candles.length - this.options.capacity);
  }
}

/** Throws 40007 or 40002 when the gap in the window comes of what the exchange sent, rather than of what it lacks. */
function refuseContradictions(fetched: readonly Candle[], sound: readonly Candle[]): void {
  const refused = fetched.find((candle) => !sound.includes(candle));
  const defect = refused === undefined ? undefined : defectOf(refused);
  if (defect !== undefined) throw new BotError(defect.code, defect.message);
  const [finding] = continuityFindings(fetched).filter(({ code }) => code === 40002);
  if (finding !== undefined) throw new BotError(40002, `${finding.symbol}: ${finding.detail}`);
}

function keyOf(series: Series): string {
  return `${series.symbol}/${series.interval}`;
}

function lastIndexClosingAt(candles: readonly Candle[], closeMs: number): number {
  for (let index = candles.length - 1; index >= 0; index -= 1) {
    const candle = candles[index];
    if (candle && closeOf(candle) === closeMs) return index;
  }
  return -1;
}

function isConsecutive(candles: readonly Candle[]): boolean {
  return candles.every((candle, index) => index === 0 || closeOf(candles[index - 1] ?? candle) === candle.startMs);
}

/**
 * Plays a known market into the engine, one path point at a time.
 *
 * Invariants
 * 1. One point is one journal batch: the prices of all symbols, and at a funding instant the settlement after them.
 * 2. At a candle's first instant its predecessor is closed and the price is its open, which equals that close.
 * 3. The order of low and high is decided when the candle makes its first move, against the position held then, and is
 *    part of the clock state: a restart continues the same path.
 */
import { BotError } from '../../core/errors/bot-error.js';
import type { ExchangeCommand } from '../../core/matching/contract.js';
import type { Bar } from '../market/candle-series.js';
import { formingBar, pricePoint, type PathShape } from '../market/candle-path.js';
import { FUNDING_INTERVAL_MS, type KnownMarket } from '../market/market-source.js';
import type { ClockState } from './clock-state.js';
import type { SimulatedExchange } from './simulated-exchange.js';

export class Playback {
  constructor(readonly market: KnownMarket, private readonly exchange: SimulatedExchange, private readonly points: number) {
    if (exchange.hasStarted()) return;
    const clock: ClockState = { atMs: market.startMs, candleMs: market.startMs, point: 0, points, lowFirst: {}, finished: false };
    exchange.commit(this.commands(clock), clock);
  }

  /** Market time of the next point, ms; Infinity when the market is over. */
  nextMs(): number {
    const clock = this.exchange.clock();
    return clock.finished ? Infinity : this.instantOf(this.after(clock));
  }

  /** Plays the next point. */
  step(): void {
    const clock = this.after(this.exchange.clock());
    if (clock.point === 1) clock.lowFirst = this.chooseDirections(clock.candleMs);
    clock.atMs = this.instantOf(clock);
    clock.finished = clock.candleMs >= this.market.endMs;
    this.exchange.commit(clock.finished ? [] : this.commands(clock), clock);
  }

  /** The candle being played, as far as it has been played. */
  formingBar(symbol: string): Bar | undefined {
    const clock = this.exchange.clock();
    if (clock.finished) return undefined;
    return formingBar(this.bar(symbol, clock.candleMs), this.shape(symbol, clock), clock.point);
  }

  private after(clock: ClockState): ClockState {
    const isLastPoint = clock.point >= clock.points - 1;
    if (!isLastPoint) return { ...clock, point: clock.point + 1 };
    return { ...clock, candleMs: clock.candleMs + this.market.stepMs, point: 0, points: this.points, lowFirst: {} };
  }

  private instantOf(clock: ClockState): number {
    const { stepMs } = this.market;
    if (clock.point === clock.points - 1) return clock.candleMs + stepMs - 1;
    return clock.candleMs + Math.floor((stepMs * clock.point) / (clock.points - 1));
  }

  private commands(clock: ClockState): ExchangeCommand[] {
    const commands: ExchangeCommand[] = this.market.symbols.map((symbol) => {
      const lastPrice = pricePoint(this.bar(symbol, clock.candleMs), this.shape(symbol, clock), clock.point);
      const markPrice = this.market.markPrice(symbol, clock.atMs, lastPrice);
      const volume = this.market.series(symbol).at(clock.candleMs - this.market.stepMs)?.volume ?? '0';
      return { kind: 'priceStep', symbol, atMs: clock.atMs, lastPrice, markPrice, indexPrice: markPrice, volume, continuous: clock.point > 0 };
    });
    const isFunding = clock.point === 0 && clock.candleMs % FUNDING_INTERVAL_MS === 0;
    if (!isFunding) return commands;
    return [...commands, ...this.market.symbols.map((symbol): ExchangeCommand => ({
      kind: 'fundingTick', symbol, atMs: clock.atMs, rate: this.market.fundingRate(symbol, clock.candleMs),
    }))];
  }

  private chooseDirections(candleMs: number): Record<string, boolean> {
    return Object.fromEntries(this.market.symbols.map((symbol) => {
      const side = this.exchange.engine.position(symbol).side;
      const bar = this.bar(symbol, candleMs);
      const rises = Number(bar.close) >= Number(bar.open);
      return [symbol, side === 'None' ? rises : side === 'Buy'];
    }));
  }

  private shape(symbol: string, clock: ClockState): PathShape {
    const instrument = this.exchange.instrument(symbol);
    return { lowFirst: clock.lowFirst[symbol] ?? true, points: clock.points, tickSize: instrument.tickSize };
  }

  private bar(symbol: string, startMs: number): Bar {
    const bar = this.market.series(symbol).at(startMs);
    if (bar === undefined) throw new BotError(40005, `${symbol} has no candle at ${new Date(startMs).toISOString()}`);
    return bar;
  }
}

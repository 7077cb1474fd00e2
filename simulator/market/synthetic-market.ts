/**
 * A market that is a pure function of a seed: a geometric random walk whose volatility comes in clusters.
 *
 * Invariants
 * 1. Any candle at any time can be computed on its own; there is no first and no last one.
 * 2. Open equals the previous close, and high and low enclose both, on the instrument's own price grid.
 * 3. The walk is made of days: each day's opening level comes from noise over days, the way between two openings from
 *    a random walk bent to meet the next one (a bridge). Noise is drawn in floating point; a price becomes money
 *    when it is put on the grid, and nothing is computed in floating point afterwards.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { Decimal, ceilToTick, floorToTick, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Instrument } from '../../core/market/instrument.js';
import { estimatedTurnover, type Bar, type BarSeries } from './candle-series.js';
import { DEFAULT_FUNDING_RATE, type KnownMarket } from './market-source.js';
import { latticeNoise, normalFrom, seedOf, uniformFrom } from './seeded-random.js';

export interface SyntheticOptions {
  seed: number;
  instruments: readonly Instrument[];
  startMs: number;
  /** exclusive; absent: the market never ends */
  endMs?: number | undefined;
}

const STEP_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
const STEPS_PER_DAY = DAY_MS / STEP_MS;
/** levels repeat their range over 2^8 days: about 30% up or down in the long run */
const DAY_OCTAVES = 8;
const DAILY_SIGMA = 0.02;
const STEP_SIGMA = 0.0015;
const REMEMBERED_DAYS_MAX = 120;
/** USDT; where a well-known symbol's walk is centred, so that quantities look familiar */
const LEVELS: Record<string, number> = { BTCUSDT: 90_000, ETHUSDT: 3_200, SOLUSDT: 160 };
const HISTORY_MS = 400 * DAY_MS;

export function syntheticMarket(options: SyntheticOptions): KnownMarket {
  const all = new Map(options.instruments.map((instrument) => [instrument.symbol, new SyntheticSeries(options, instrument)]));
  return {
    kind: 'synthetic',
    description: `synthetic market of seed ${options.seed}`,
    symbols: [...all.keys()],
    stepMs: STEP_MS,
    startMs: Math.floor(options.startMs / STEP_MS) * STEP_MS,
    endMs: options.endMs === undefined ? Infinity : Math.floor(options.endMs / STEP_MS) * STEP_MS,
    series: (symbol) => {
      const series = all.get(symbol);
      if (series === undefined) throw new BotError(20002, `The synthetic market holds no symbol ${symbol}`);
      return series;
    },
    markPrice: (_symbol, _atMs, last) => last,
    fundingRate: () => DEFAULT_FUNDING_RATE,
  };
}

class SyntheticSeries implements BarSeries {
  readonly stepMs = STEP_MS;
  readonly firstMs: number;
  readonly lastMs = Infinity;
  private readonly name: string;
  private readonly days = new Map<number, Bar[]>();

  constructor(options: SyntheticOptions, private readonly instrument: Instrument) {
    this.name = `${options.seed}|${instrument.symbol}`;
    this.firstMs = Math.floor((options.startMs - HISTORY_MS) / DAY_MS) * DAY_MS;
  }

  at(startMs: number): Bar | undefined {
    if (startMs < this.firstMs || startMs % STEP_MS !== 0) return undefined;
    const day = Math.floor(startMs / DAY_MS);
    return this.day(day)[(startMs - day * DAY_MS) / STEP_MS];
  }

  private day(day: number): Bar[] {
    const known = this.days.get(day);
    if (known !== undefined) return known;
    if (this.days.size >= REMEMBERED_DAYS_MAX) this.days.clear();
    const bars = this.generate(day);
    this.days.set(day, bars);
    return bars;
  }

  private generate(day: number): Bar[] {
    const opens = this.walk(day).map((log) => this.onGrid(Math.exp(log)));
    const first = this.onGrid(Math.exp(this.dayLevel(day)));
    const uniform = uniformFrom(seedOf(this.name, 'range', day));
    return Array.from({ length: STEPS_PER_DAY }, (_, step) => {
      const index = day * STEPS_PER_DAY + step;
      return this.bar({ startMs: index * STEP_MS, open: opens[step] ?? first, close: opens[step + 1] ?? first, sigma: this.sigma(index), uniform });
    });
  }

  /** Logarithms of the STEPS_PER_DAY + 1 opening prices from this day's opening to the next day's. */
  private walk(day: number): number[] {
    const from = this.dayLevel(day);
    const to = this.dayLevel(day + 1);
    const normal = normalFrom(seedOf(this.name, 'walk', day));
    const path = [0];
    for (let step = 0; step < STEPS_PER_DAY; step += 1) {
      path.push((path[step] ?? 0) + normal() * this.sigma(day * STEPS_PER_DAY + step));
    }
    const drift = to - from - (path[STEPS_PER_DAY] ?? 0);
    return path.map((value, step) => (step === STEPS_PER_DAY ? to : from + value + (drift * step) / STEPS_PER_DAY));
  }

  private dayLevel(day: number): number {
    let level = Math.log(this.centre());
    for (let octave = 0; octave < DAY_OCTAVES; octave += 1) {
      level += DAILY_SIGMA * 2 ** (octave / 2) * latticeNoise(`${this.name}|day`, day, 2 ** octave);
    }
    return level;
  }

  private centre(): number {
    return LEVELS[this.instrument.symbol] ?? 10 + 490 * uniformFrom(seedOf(this.instrument.symbol))();
  }

  /** Volatility of one step: calm and wild stretches of an hour, of eight hours and of two days. */
  private sigma(index: number): number {
    const clusters = [12, 96, 576].reduce((sum, period) => sum + latticeNoise(`${this.name}|sigma`, index, period), 0);
    return STEP_SIGMA * Math.exp(0.35 * clusters);
  }

  private bar(step: { startMs: number; open: DecimalString; close: DecimalString; sigma: number; uniform: () => number }): Bar {
    const { startMs, open, close } = step;
    const tick = new Decimal(this.instrument.tickSize);
    const upper = Decimal.max(open, close).times(1 + step.uniform() * step.sigma);
    const lower = Decimal.min(open, close).times(1 - step.uniform() * step.sigma);
    const notional = 20_000_000 * (0.3 + step.uniform()) * (step.sigma / STEP_SIGMA);
    const volume = toDecimalString(new Decimal(notional / Number(open)).toDecimalPlaces(3));
    const bar = { startMs, open, close, volume, high: toDecimalString(floorToTick(upper, tick)), low: toDecimalString(ceilToTick(lower, tick)) };
    return { ...bar, turnover: estimatedTurnover(bar) };
  }

  private onGrid(price: number): DecimalString {
    const tick = new Decimal(this.instrument.tickSize);
    return toDecimalString(Decimal.max(new Decimal(price).div(tick).round().times(tick), tick));
  }
}

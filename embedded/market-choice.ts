/**
 * Which market the simulated exchange shows: what was asked for, or what the data directory holds, or, on a new
 * directory without a wish, Bybit's live feed when it answers and a synthetic market otherwise.
 *
 * Invariant: a directory keeps its market. Only the speed may change from one start to the next.
 */
import { randomInt } from 'node:crypto';
import { BotError } from '../core/errors/bot-error.js';
import type { MarketRecord } from './data-directory.js';
import type { MarketWish } from './options.js';

const PROBE_URL = 'https://api.bybit.com/v5/market/time';
const PROBE_TIMEOUT_MS = 3_000;
const SEED_END = 1_000_000_000;
/** of the message that carries them to every status */
const WORDS_LENGTH_MAX = 200;
const ALWAYS_LISTED = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

export interface MarketChoice {
  record: MarketRecord;
  /** plain words, shown at start and in every status */
  words: string;
  /** why it is this one, when nobody asked for it; said at start */
  reason: string | undefined;
}

export type ProbeFeed = () => Promise<boolean>;

/** True when Bybit's public feed answers within 3 s. */
export async function probeBybit(url: string = PROBE_URL): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // no network, no name, no answer in time: all mean that there is no live feed here
  }
}

export interface ChoiceInput {
  wish: MarketWish;
  /** what the data directory holds */
  held: MarketRecord | undefined;
  probe: ProbeFeed;
  /** that the configuration names; `traded` are those of the enabled strategies */
  symbols: { traded: readonly string[]; named: readonly string[] };
}

/** Rejects with 10002 when the directory holds another market than the one asked for. */
export async function chooseMarket({ wish, held, probe, symbols }: ChoiceInput): Promise<MarketChoice> {
  if (held !== undefined) return continueHeld(wish, held, symbols.traded);
  const source = wish.source ?? 'auto';
  if (source !== 'auto') return described(fresh(source, wish, symbols), undefined);
  return (await probe())
    ? described(fresh('live', wish, symbols), 'Bybit\'s public feed answers')
    : described(fresh('synthetic', wish, symbols), `Bybit's public feed does not answer within ${PROBE_TIMEOUT_MS / 1000} s`);
}

function fresh(source: MarketRecord['source'], wish: MarketWish, symbols: ChoiceInput['symbols']): MarketRecord {
  const synthetic = source === 'synthetic';
  // A recording holds what it holds; the other markets can also serve a strategy that is enabled later.
  const listed = source === 'replay' ? symbols.traded : [...symbols.named, ...ALWAYS_LISTED];
  return withoutUndefined({
    source, data: wish.data, speed: wish.speed, from: wish.from, to: wish.to,
    seed: synthetic ? (wish.seed ?? randomInt(SEED_END)) : undefined,
    rebase: synthetic && wish.from === undefined && (wish.speed ?? 1) === 1 ? true : undefined,
    symbols: [...new Set(listed)].sort(),
  });
}

function continueHeld(wish: MarketWish, held: MarketRecord, traded: readonly string[]): MarketChoice {
  const asked = wish.source === undefined || wish.source === 'auto' ? {} : withoutUndefined({ source: wish.source, data: wish.data, seed: wish.seed, from: wish.from, to: wish.to });
  const differing = Object.entries(asked).filter(([name, value]) => held[name as keyof MarketRecord] !== value);
  if (differing.length > 0) throw otherMarket(differing, held);
  const unlisted = traded.filter((symbol) => !held.symbols.includes(symbol));
  if (unlisted.length > 0) throw otherMarket([['symbols', traded.join(', ')]], held);
  const speed = wish.speed ?? held.speed;
  if (held.rebase === true && (speed ?? 1) !== 1) throw otherMarket([['speed', speed]], { ...held, speed: 1 });
  return described(withoutUndefined({ ...held, speed }), 'continued from the data directory');
}

function otherMarket(differing: [string, unknown][], held: MarketRecord): BotError {
  const what = differing.map(([name, value]) => `its ${name} is "${String(held[name as keyof MarketRecord] ?? 'not set')}", asked for is "${String(value)}"`).join('; ');
  return new BotError(10002, `The data directory holds another market: ${what}`, { fix: 'Leave the market options out to continue it, or start with another --data-dir' });
}

function described(record: MarketRecord, reason: string | undefined): MarketChoice {
  return { record, words: words(record).slice(0, WORDS_LENGTH_MAX), reason };
}

function words(record: MarketRecord): string {
  const pace = record.speed === 'max' ? ', in lock-step with the bot' : record.speed === undefined || record.speed === 1 ? '' : `, ${record.speed} times faster than real time`;
  switch (record.source) {
    case 'live':
      return 'live: Bybit\'s public feed, simulated fills';
    case 'replay':
      return `replay: recorded candles of ${record.data ?? 'unknown'}${pace}`;
    case 'synthetic':
      return `synthetic: generated prices, seed ${record.seed ?? 'unknown'}${pace}`;
  }
}

/** The command line of the simulated exchange for this market. */
export function simulatorArguments(record: MarketRecord): string[] {
  const options = { data: record.data, speed: record.speed, seed: record.seed, from: record.from, to: record.to };
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  return ['--market', record.source, '--symbols', record.symbols.join(','), ...given, ...(record.rebase === true ? ['--rebase'] : [])];
}

function withoutUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

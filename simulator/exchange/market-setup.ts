/** From options to a market that can be played: which source, from when, with which instruments. */
import { BotError } from '../../core/errors/bot-error.js';
import type { Instrument } from '../../core/market/instrument.js';
import { instrumentFor } from '../../core/matching/instruments.js';
import type { KnownMarket } from '../market/market-source.js';
import { loadReplayMarket } from '../market/replay-market.js';
import { syntheticMarket } from '../market/synthetic-market.js';
import { UpstreamRest } from '../market/upstream-rest.js';
import type { MarketIdentity } from '../journal/identity.js';
import type { SimulatorOptions } from '../options.js';

/** Without --from a synthetic market starts here, so that the same seed gives the same run on any day. */
const SYNTHETIC_START_MS = Date.UTC(2026, 0, 1);

/** Trading rules: the upstream's own for a live market, Bybit's documented ones otherwise. Rejects with 20002 for an unknown symbol. */
export async function listedInstruments(options: Pick<SimulatorOptions, 'market' | 'symbols' | 'upstreamRestUrl'>): Promise<Instrument[]> {
  if (options.market !== 'live') return documentedInstruments(options.symbols);
  const upstream = new UpstreamRest(options.upstreamRestUrl);
  return Promise.all(options.symbols.map((symbol) => upstream.instrument(symbol)));
}

function documentedInstruments(symbols: readonly string[]): Instrument[] {
  return symbols.map((symbol) => {
    const instrument = instrumentFor(symbol);
    if (instrument === undefined) throw new BotError(20002, `The simulated exchange does not know ${symbol}`, { fix: 'Name other symbols: in the strategies of the configuration, or with --symbols where the simulator runs alone; it knows BTCUSDT, ETHUSDT and SOLUSDT, for example' });
    return instrument;
  });
}

/** What the state folder must belong to. */
export function identityOf(options: SimulatorOptions, wallMs: number): MarketIdentity {
  return {
    market: options.market,
    symbols: options.symbols.toSorted().join(','),
    seed: options.market === 'synthetic' ? String(options.seed) : '',
    from: String(options.fromMs ?? ''),
    to: String(options.toMs ?? ''),
    rebase: String(options.rebase),
    startingBalance: options.balance,
    partialFills: String(options.partialFillParts ?? ''),
    upstream: options.market === 'live' ? options.upstreamRestUrl : '',
    firstStartMs: wallMs,
  };
}

export async function openKnownMarket(options: SimulatorOptions, identity: MarketIdentity): Promise<KnownMarket> {
  if (options.rebase && options.speed !== 1) {
    throw new BotError(10002, `A rebased market runs at speed 1, not ${options.speed}`, { fix: 'Leave out --speed or --rebase' });
  }
  const rebaseToMs = options.rebase ? identity.firstStartMs : undefined;
  if (options.market === 'replay') {
    if (options.data === undefined) throw new BotError(40005, 'A replay needs recorded candles', { fix: 'Give the folder with --data DIR' });
    return loadReplayMarket({ directory: options.data, symbols: options.symbols, fromMs: options.fromMs, toMs: options.toMs, rebaseToMs });
  }
  return syntheticMarket({
    seed: options.seed, instruments: documentedInstruments(options.symbols), startMs: rebaseToMs ?? options.fromMs ?? SYNTHETIC_START_MS, endMs: options.toMs,
  });
}

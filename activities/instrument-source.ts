/** Trading rules of symbols, fetched once an hour: exchanges change tick and lot sizes rarely, and only between orders. */
import { BotError } from '../core/errors/bot-error.js';
import type { Instrument } from '../core/market/instrument.js';
import type { MarketData } from '../core/ports/exchange.js';

const MAX_AGE_MS = 3_600_000;

export interface InstrumentSourceOptions {
  market: Pick<MarketData, 'instruments'>;
  /** host clock, ms; only ages the cache */
  now(): number;
}

export class InstrumentSource {
  private readonly known = new Map<string, { instrument: Instrument; fetchedAtMs: number }>();

  constructor(private readonly options: InstrumentSourceOptions) {}

  /** Throws 20002 for a symbol that the exchange does not list. */
  async get(symbol: string): Promise<Instrument> {
    const cached = this.known.get(symbol);
    if (cached && this.options.now() - cached.fetchedAtMs < MAX_AGE_MS) return cached.instrument;
    const [instrument] = await this.options.market.instruments([symbol]);
    if (!instrument) throw new BotError(20002, `the exchange does not list ${symbol}`, { fix: 'correct the symbol in the configuration' });
    this.known.set(symbol, { instrument, fetchedAtMs: this.options.now() });
    return instrument;
  }
}

/** Trading rules of symbols, through the cache: exchanges change tick and lot sizes rarely, and only between orders. */
import { BotError } from '../core/errors/bot-error.js';
import type { Instrument } from '../core/market/instrument.js';
import type { Cache } from '../core/ports/cache.js';
import type { MarketData } from '../core/ports/exchange.js';

export interface InstrumentSourceOptions {
  market: Pick<MarketData, 'instruments'>;
  cache: Pick<Cache, 'read'>;
}

export class InstrumentSource {
  constructor(private readonly options: InstrumentSourceOptions) {}

  /** Throws 20002 for a symbol that the exchange does not list. */
  async get(symbol: string): Promise<Instrument> {
    const { value } = await this.options.cache.read({ kind: 'instruments', key: symbol, load: () => this.ask(symbol) });
    return value;
  }

  private async ask(symbol: string): Promise<Instrument> {
    const [instrument] = await this.options.market.instruments([symbol]);
    if (!instrument) throw new BotError(20002, `the exchange does not list ${symbol}`, { fix: 'correct the symbol in the configuration' });
    return instrument;
  }
}

/**
 * The configuration that this process decides with. It begins with its own file's and changes to the version that the bot
 * workflow names, so all workers decide alike whichever of them evaluates a candle.
 *
 * Invariants
 * 1. A version becomes current whole or not at all; when it cannot be had, the one before stays.
 * 2. A version is built once per process: strategies that were loaded for it stay as they were accepted.
 * 3. A process never decides for another mode than the one that its exchange connection was made for.
 * 4. A strategy whose symbol cannot be traded says so at every candle and is not fed; the others go on.
 */
import { ConfigurationError, describeFinding } from '../config/findings.js';
import { configurationOf, type Configuration } from '../config/load.js';
import { riskLimits } from '../config/risk-limits.js';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import { finestSeries } from '../core/market/finest-series.js';
import { intervalMs, type Interval } from '../core/market/interval.js';
import { CONFIGURATION_STATE, configurationVersionState, type ActiveConfiguration, type ConfigurationInForce, type ConfigurationVersion, type StrategyInConfiguration } from '../core/ports/configuration.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';

export interface ConfigurationHolderOptions {
  /** this process's own file, as it was read at its start */
  configuration: Configuration;
  ledger: Pick<Ledger, 'state' | 'saveState' | 'saveStrategies'>;
  /** rejects when a symbol cannot be traded on this account */
  admit(symbol: string): Promise<void>;
  logger: Logger;
  /** host clock, ms */
  now(): number;
}

export interface ConfigurationHolder extends ConfigurationInForce {
  /** of all configured strategies that can be fed, enabled or not */
  series(): { symbol: string; interval: Interval }[];
  /** the same of the newest accepted version; undefined while the ledger does not tell */
  newestSeries(): Promise<{ symbol: string; interval: Interval }[] | undefined>;
  /** tells the ledger that this process's own file is what is accepted now: at a start the file wins */
  acceptOwn(): Promise<void>;
}

/** What a version needs in memory besides what decisions see. */
interface Held {
  active: ActiveConfiguration;
  refusedSymbols: ReadonlySet<string>;
}

/** so many versions stay built: the bot names the newest, now and then the one before */
const BUILT_MAX = 8;

/** The preflight has judged the symbols of enabled strategies. Rejects while the exchange cannot be asked about the others. */
export async function holdConfiguration(options: ConfigurationHolderOptions): Promise<ConfigurationHolder> {
  const { configuration } = options;
  const judged = new Set(configuration.strategies.filter(({ enabled }) => enabled).map(({ symbol }) => symbol));
  return new Holder(options, await admitted(options, activeOf(configuration, configuration.version.hash), judged));
}

class Holder implements ConfigurationHolder {
  private readonly built = new Map<string, Promise<Held>>();

  constructor(private readonly options: ConfigurationHolderOptions, private held: Held) {
    this.built.set(held.active.hash, Promise.resolve(held));
  }

  current(): ActiveConfiguration {
    return this.held.active;
  }

  async ensure(hash: string | null): Promise<void> {
    const before = this.held.active.hash;
    if (hash === null || hash === before) return;
    this.held = await this.version(hash);
    this.options.logger.info('Configuration changed', { from: before, to: hash });
    await this.listStrategies();
  }

  series(): { symbol: string; interval: Interval }[] {
    return seriesOf(this.held);
  }

  async newestSeries(): Promise<{ symbol: string; interval: Interval }[] | undefined> {
    try {
      const newest = await this.options.ledger.state(CONFIGURATION_STATE);
      return newest === null ? undefined : seriesOf(await this.version(String(newest['hash'])));
    } catch (error) {
      this.options.logger.warning('The newest configuration cannot be followed yet', { error });
      return undefined;
    }
  }

  async acceptOwn(): Promise<void> {
    const { configuration: { version }, ledger, now } = this.options;
    const accepted = await ledger.state(CONFIGURATION_STATE);
    await ledger.saveState(configurationVersionState(version.hash), { ...version });
    // what is accepted already keeps its instant, however often workers are restarted
    if (accepted?.['hash'] !== version.hash) await ledger.saveState(CONFIGURATION_STATE, { ...version, acceptedAtMs: now(), acceptedBy: 'start' });
    await this.listStrategies();
  }

  /** Whoever asks while a version is being built waits for the same; a failure makes room for the next attempt. */
  private version(hash: string): Promise<Held> {
    const known = this.built.get(hash);
    if (known) return known;
    const building = this.build(hash);
    building.catch(() => this.built.delete(hash));
    this.built.set(hash, building);
    for (const old of [...this.built.keys()].slice(0, -BUILT_MAX)) this.built.delete(old);
    return building;
  }

  private async build(hash: string): Promise<Held> {
    const { ledger, configuration: own, logger } = this.options;
    const stored = await ledger.state(configurationVersionState(hash));
    if (stored === null) {
      throw new BotError(10002, `the ledger knows no configuration ${hash}`, { fix: 'reload the configuration (POST /api/v1/config/reload), or restart the trading worker: at a start its file wins' });
    }
    const configuration = await readVersion(stored as unknown as ConfigurationVersion, own.path);
    if (configuration.mode !== own.mode) {
      throw new BotError(10002, `configuration ${hash} is for mode ${configuration.mode}, this worker was started for ${own.mode}`, { fix: 'restart the trading worker' });
    }
    if (configuration.version.hash !== hash) logger.warning('Configuration reads differently with this release', { code: 10002, hash, readAs: configuration.version.hash });
    return admitted(this.options, activeOf(configuration, hash), new Set(this.series().map(({ symbol }) => symbol)));
  }

  /** For those who read the ledger: never a reason not to decide. */
  private async listStrategies(): Promise<void> {
    try {
      await this.options.ledger.saveStrategies(this.held.active.strategies.map(({ name, enabled, symbol, interval, parameters }) => ({ name, enabled, symbol, interval, parameters })));
    } catch (error) {
      if (!isBotError(error)) throw error;
      this.options.logger.warning('Strategies could not be listed in the ledger', { code: error.code, error });
    }
  }
}

async function readVersion(version: ConfigurationVersion, path: string): Promise<Configuration> {
  try {
    return await configurationOf(version, path);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new BotError(error.code, `configuration ${version.hash} cannot be used: ${error.findings.map(describeFinding).join('; ')}`, { fix: error.fix });
  }
}

function activeOf(configuration: Configuration, hash: string): ActiveConfiguration {
  const { strategies, feed } = configuration;
  const schedule = { lengthMs: intervalMs(finestSeries(strategies).interval), overdueCheckMs: feed.overdue_check_ms };
  return { hash, strategies, limits: riskLimits(configuration), schedule };
}

/** `known` are the symbols that were admitted before. */
async function admitted(options: ConfigurationHolderOptions, active: ActiveConfiguration, known: ReadonlySet<string>): Promise<Held> {
  const symbols = new Set(active.strategies.map(({ symbol }) => symbol).filter((symbol) => !known.has(symbol)));
  const judged = await Promise.all([...symbols].map(async (symbol) => ({ symbol, refusal: await refusalOf(options, symbol) })));
  const refusals = new Map(judged.flatMap(({ symbol, refusal }) => (refusal ? [[symbol, refusal] as const] : [])));
  const strategies = active.strategies.map((strategy) => {
    const refusal = refusals.get(strategy.symbol);
    return refusal ? unfit(strategy, refusal, options.logger) : strategy;
  });
  return { active: { ...active, strategies }, refusedSymbols: new Set(refusals.keys()) };
}

/** Passes on what may be different in a moment: then nothing is known of the symbol. */
async function refusalOf({ admit }: ConfigurationHolderOptions, symbol: string): Promise<BotError | undefined> {
  try {
    await admit(symbol);
    return undefined;
  } catch (error) {
    if (!isBotError(error) || error.retryable) throw error;
    return error;
  }
}

function unfit(strategy: StrategyInConfiguration, { code, message, fix }: BotError, logger: Logger): StrategyInConfiguration {
  const refusal = new BotError(10008, `Strategy ${strategy.name} error: ${strategy.symbol} cannot be traded: ${code} ${message}`, { fix });
  logger.warning(refusal.message, { code: refusal.code, strategy: strategy.name });
  return { ...strategy, unfit: refusal };
}

function seriesOf({ active, refusedSymbols }: Held): { symbol: string; interval: Interval }[] {
  const fed = active.strategies.filter(({ symbol }) => !refusedSymbols.has(symbol));
  return [...new Map(fed.map(({ symbol, interval }) => [`${symbol}/${interval}`, { symbol, interval }])).values()];
}

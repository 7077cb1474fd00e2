/**
 * Whether a running bot can take over a version of the configuration, and what its operator should know first. Pure: the
 * open trades are what the caller saw.
 *
 * Invariant: a trade that is open stays under its exchange-side stop whatever changes; a change that would have its strategy
 * look at other candles than the trade's is refused.
 */
import type { ConfigurationVersion } from '../ports/configuration.js';
import { changesBetween, isReloadable, sectionChanges, strategiesOf, type ConfigurationChange } from './changes.js';
import { tradedSeries } from './traded-series.js';

export interface HeldSymbol {
  strategy: string;
  symbol: string;
}

export interface ReloadInput {
  before: ConfigurationVersion;
  after: ConfigurationVersion;
  /** sections that are no part of a version: as this process started with them, and as the file has them now */
  processSettings: { before: Record<string, unknown>; after: Record<string, unknown> };
  openTrades: readonly HeldSymbol[];
}

export interface ReloadFinding {
  field: string;
  problem: string;
  fix: string;
}

export interface ReloadJudgement {
  changes: ConfigurationChange[];
  /** not empty: nothing may be applied */
  findings: ReloadFinding[];
  warnings: string[];
}

export function judgeReload(input: ReloadInput): ReloadJudgement {
  const changes = changesBetween(input.before, input.after);
  const own = sectionChanges(input.processSettings.before, input.processSettings.after);
  const findings = [...restartFindings([...changes, ...own]), ...symbolFindings(input)];
  return { changes, findings, warnings: [...tradeWarnings(input), ...limitWarnings(input, changes)] };
}

function restartFindings(changes: readonly ConfigurationChange[]): ReloadFinding[] {
  return changes.filter(({ field }) => !isReloadable(field)).map(({ field }) => ({
    field,
    problem: 'changed, and takes effect only at a restart',
    fix: `restart the bot, or set ${field} back to reload the rest`,
  }));
}

/** The symbol of a strategy that holds a trade: its candles decide the exit. */
function symbolFindings({ before, after, openTrades }: ReloadInput): ReloadFinding[] {
  return openTrades.flatMap(({ strategy, symbol }) => {
    const wanted = symbolIn(after, strategy);
    if (wanted === undefined || wanted === symbolIn(before, strategy) || wanted === symbol) return [];
    return [{
      field: `strategies.${strategy}.parameters.symbol`,
      problem: `cannot change to ${wanted} while ${strategy} holds a position in ${symbol}`,
      fix: `close it first (POST /api/v1/positions/${symbol}/close), or keep ${symbol} until it is closed`,
    }];
  });
}

function symbolIn(version: ConfigurationVersion, strategy: string): string | undefined {
  return tradedSeries(version).find((series) => series.strategy === strategy)?.symbol;
}

function tradeWarnings({ after, openTrades }: ReloadInput): string[] {
  const fresh = strategiesOf(after);
  return openTrades.flatMap(({ strategy, symbol }) => {
    const kept = `its position in ${symbol} keeps its stop on the exchange and ends there, at its target, or by POST /api/v1/positions/${symbol}/close`;
    const configured = fresh.get(strategy);
    if (!configured) return [`${strategy} is removed while it holds a trade: ${kept}; no signal of the strategy exits it any more`];
    if (configured['enabled'] === false) return [`${strategy} is disabled while it holds a trade: it opens nothing more, its signals still exit the position in ${symbol}`];
    return [];
  });
}

const OF_NEW_TRADES = ['trading.stop_loss_percent', 'trading.max_stop_loss_percent', 'trading.leverage', 'trading.max_position_size', 'trading.position_size_unit'];

function limitWarnings({ after, openTrades }: ReloadInput, changes: readonly ConfigurationChange[]): string[] {
  if (openTrades.length === 0) return [];
  const forNewOnes = changes.map(({ field }) => field).filter((field) => OF_NEW_TRADES.includes(field));
  const { max_positions: most } = after.document['trading'] as { max_positions: number };
  return [
    ...(forNewOnes.length === 0 ? [] : [`${forNewOnes.join(', ')}: for new trades; those that are open keep what they were opened with`]),
    ...(openTrades.length > most ? [`${openTrades.length} trades are open and trading.max_positions is ${most} now: they stay, and nothing new is opened until there is room`] : []),
  ];
}

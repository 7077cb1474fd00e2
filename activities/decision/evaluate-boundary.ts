/**
 * Everything the bot needs to decide at one candle boundary, read in one go: the account, the candles of every strategy
 * that is due, and the strategies' signals. Reads and idempotent writes only, so it may run twice.
 *
 * Invariants
 * 1. All strategies of a boundary are evaluated together, against one account snapshot: the result does not depend on
 *    which symbol's candle arrived first.
 * 2. A ledger that is not level is reported, not hidden: the workflow lets no entry pass until it is.
 */
import { isBotError } from '../../core/errors/bot-error.js';
import { finestSeries } from '../../core/market/finest-series.js';
import { intervalMs, isBoundary } from '../../core/market/interval.js';
import type { Latch } from '../../core/ports/emergency-latch.js';
import type { OpenTradeView } from '../../core/strategies/strategy.js';
import type { BoundaryReport, StrategyReport, SymbolReport } from '../../core/trading/boundary-report.js';
import { marketNow } from '../trade/market-now.js';
import { levelAccount, type LevelledAccount } from './account-sync.js';
import type { DecisionDependencies } from './decision-dependencies.js';
import { tradeElsewhere } from './trade-elsewhere.js';
import { strategiesInForce, type StrategyInForce } from './strategies-in-force.js';

export interface BoundaryRequest {
  /** the boundary: close of the candles to decide on, exchange ms */
  closeMs: number;
  /** the open trade of each strategy, by strategy name */
  openTrades: Record<string, OpenTradeView>;
  /** what an operator ordered against the configuration, by strategy name */
  enabledOverrides: Record<string, boolean>;
  /** strategies whose candles are read anew */
  forget: string[];
  /** the version of the configuration to decide with; null: the one this process has */
  configurationHash: string | null;
  /** the bot has seen the ledger level with the exchange before; absent: an earlier version asks */
  ledgerWasOpened?: boolean;
}

export async function evaluateBoundary(deps: DecisionDependencies, request: BoundaryRequest): Promise<BoundaryReport> {
  const [{ snapshot, ledger }, latch, market] = await Promise.all([account(deps, request), readLatch(deps), readMarket(deps, request)]);
  return { wallet: { ...snapshot.wallet, asOfMs: request.closeMs }, positions: snapshot.positions, openOrders: snapshot.openOrders, ledger, latch, ...market };
}

/** A latch that cannot be read here is read again, and obeyed, by whoever sends an order. */
async function readLatch({ latch, logger }: DecisionDependencies): Promise<Latch | null> {
  try {
    return await latch.read();
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.warning('The emergency latch could not be read', { code: error.code, error: error.message });
    return null;
  }
}

async function account(deps: DecisionDependencies, { closeMs, ledgerWasOpened }: BoundaryRequest): Promise<LevelledAccount> {
  const levelled = (await deps.ahead.take(closeMs)) ?? (await levelAccount(deps, { closeMs, wasOpened: ledgerWasOpened === true }));
  if (levelled.ledger.kind === 'level') deps.ahead.allow();
  return levelled;
}

/** What the strategies say, in the version of the configuration that the bot names. */
async function readMarket(deps: DecisionDependencies, request: BoundaryRequest): Promise<Pick<BoundaryReport, 'strategies' | 'symbols' | 'limits' | 'schedule'>> {
  await deps.configuration.ensure(request.configurationHash);
  const { limits, schedule } = deps.configuration.current();
  const inForce = strategiesInForce(deps, request.enabledOverrides);
  for (const strategy of inForce) if (request.forget.includes(strategy.name)) deps.candles.forget(strategy);
  const strategies = await Promise.all(inForce.map((strategy) => evaluateStrategy(deps, strategy, request)));
  const lengthMs = intervalMs(finestSeries(inForce).interval);
  return { strategies, symbols: await symbolReports(deps, strategies), limits, schedule: { ...schedule, lengthMs } };
}

/** A disabled strategy still exits the trade that it holds. */
async function evaluateStrategy(deps: DecisionDependencies, strategy: StrategyInForce, request: BoundaryRequest): Promise<StrategyReport> {
  const { name, symbol, interval, enabled, enabledBy } = strategy;
  const report = { name, symbol, interval, enabled, enabledBy };
  const isAsked = enabled || request.openTrades[name] !== undefined;
  if (!isAsked || !isBoundary(request.closeMs, interval)) return { ...report, finding: { kind: 'not_due' } };
  try {
    const obstacle = strategy.unfit ?? tradeElsewhere(strategy, request.openTrades[name]);
    if (obstacle) throw obstacle;
    const candles = await deps.candles.endingAt(report, request.closeMs, strategy.warmUp);
    const signal = strategy.evaluate(candles, request.openTrades[name]);
    return { ...report, finding: { kind: 'signal', signal } };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { ...report, finding: { kind: 'problem', code: error.code, message: error.message } };
  }
}

async function symbolReports(deps: DecisionDependencies, strategies: readonly StrategyReport[]): Promise<Record<string, SymbolReport>> {
  const symbols = [...new Set(strategies.filter((report) => wantsEntry(report)).map((report) => report.symbol))];
  if (symbols.length === 0) return {};
  const [tickers, rules] = await Promise.all([
    deps.exchange.tickers(symbols),
    Promise.all(symbols.map(async (symbol) => ({ symbol, instrument: await deps.instruments.get(symbol), nowMs: await marketNow(deps.exchange, symbol) }))),
  ]);
  return Object.fromEntries(rules.flatMap(({ symbol, ...rule }) => {
    const ticker = tickers.find((candidate) => candidate.symbol === symbol);
    return ticker ? [[symbol, { ...rule, ticker: { lastPrice: ticker.lastPrice, markPrice: ticker.markPrice } }]] : [];
  }));
}

function wantsEntry({ finding }: StrategyReport): boolean {
  return finding.kind === 'signal' && finding.signal.kind === 'enter';
}

/**
 * Has the simulated exchange look at a market before it is the first one of a data directory: a broken file, a missing
 * symbol or an absent feed is told while nothing has been written, and not after PostgreSQL and Temporal have been set up.
 */
import { BotError } from '../core/errors/bot-error.js';
import type { MarketRecord } from './data-directory.js';
import { simulatorArguments } from './market-choice.js';
import { programPath } from './parts/installation.js';
import { startChild } from './supervisor/child.js';
import { describeExit } from './supervisor/part.js';

/** reading some months of recorded candles takes about a second */
const TIMEOUT_MS = 90_000;

/** Rejects with the BotError that the simulated exchange would not start with. */
export async function checkMarket(market: MarketRecord, env: NodeJS.ProcessEnv): Promise<void> {
  const child = startChild({ kind: 'node', script: programPath('simulator'), args: ['--check', ...simulatorArguments(market)], env }, () => undefined);
  const timer = setTimeout(() => { child.kill('SIGKILL'); }, TIMEOUT_MS);
  const exit = await child.ended;
  clearTimeout(timer);
  if (exit.code === 0) return;
  throw child.fatal() ?? new BotError(10006, `The market could not be checked: ${child.lastWords() || describeExit(exit)}`, { retryable: false });
}

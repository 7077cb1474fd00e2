/** How many trades won and lost, by profit after fees and funding. */
import type { ClosedTrade } from '../ports/analytics-ledger.js';

export interface TradeCounts {
  trades: number;
  /** above zero */
  wins: number;
  /** below zero */
  losses: number;
  /** exactly zero */
  draws: number;
  maxConsecutiveWins: number;
  maxConsecutiveLosses: number;
}

type Result = 'win' | 'loss' | 'draw';

export function resultOf(trade: Pick<ClosedTrade, 'realisedPnl'>): Result {
  // The text is canonical: zero is '0', and what is below zero begins with a minus.
  if (trade.realisedPnl === '0') return 'draw';
  return trade.realisedPnl.startsWith('-') ? 'loss' : 'win';
}

/** In the order given. A draw ends a streak, unless it counts as a loss, as it does in freqtrade's streaks. */
export function countTrades(trades: readonly Pick<ClosedTrade, 'realisedPnl'>[], { drawsAreLosses }: { drawsAreLosses: boolean }): TradeCounts {
  const results = trades.map(resultOf);
  const streaks = results.map((result) => (drawsAreLosses && result === 'draw' ? 'loss' : result));
  const count = (wanted: Result): number => results.filter((result) => result === wanted).length;
  return {
    trades: trades.length, wins: count('win'), losses: count('loss'), draws: count('draw'),
    maxConsecutiveWins: longestRun(streaks, 'win'), maxConsecutiveLosses: longestRun(streaks, 'loss'),
  };
}

function longestRun(results: readonly Result[], wanted: Result): number {
  let longest = 0;
  let current = 0;
  for (const result of results) {
    current = result === wanted ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

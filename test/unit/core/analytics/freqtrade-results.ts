/** Results of freqtrade as JSON (trades in, metrics out), and how they are compared: every metric, none left out unnoticed. */
import { freqtradePerformance, profitRatio } from '../../../../core/analytics/freqtrade-performance.js';
import type { Performance } from '../../../../core/analytics/performance.js';
import { Decimal, toDecimalString } from '../../../../core/money/decimal.js';
import type { ClosedTrade } from '../../../../core/ports/analytics-ledger.js';

export interface FreqtradeTrade {
  pair: string;
  amount: number;
  open_timestamp: number;
  close_timestamp: number;
  open_rate: number;
  fee_open: number;
  profit_abs: number;
  profit_ratio: number;
  exit_reason: string;
  is_short: boolean;
  leverage: number;
}

export interface FreqtradeResult {
  trades: FreqtradeTrade[];
  metrics: Record<string, number | string>;
}

/** Python writes floats as their shortest text, so this is the exact number that freqtrade computed with. */
const exactly = (value: number): Decimal => new Decimal(String(value));

function toClosedTrade(trade: FreqtradeTrade, index: number): ClosedTrade {
  const entryValue = exactly(trade.amount).times(exactly(trade.open_rate));
  const profit = toDecimalString(exactly(trade.profit_abs));
  return {
    tradeId: `trade-${index}`, strategy: 'theirs', symbol: trade.pair, side: trade.is_short ? 'Sell' : 'Buy', exitReason: null, openedMs: trade.open_timestamp, closedMs: trade.close_timestamp,
    entryValue: toDecimalString(entryValue), leverage: toDecimalString(exactly(trade.leverage)), entryFees: toDecimalString(entryValue.times(exactly(trade.fee_open))),
    grossPnl: profit, fees: toDecimalString('0'), funding: toDecimalString('0'), realisedPnl: profit,
  };
}

const utc = (text: number | string | undefined): number => Date.parse(`${String(text).replace(' ', 'T')}Z`);
const written = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 19).replace('T', ' '));

/** What the run was, not what came of it. */
const CIRCUMSTANCES = ['backtest_start', 'backtest_end', 'backtest_days', 'starting_balance', 'backtest_run_start_ts', 'backtest_run_end_ts', 'timeframe'];

function ours({ counts, figures, drawdown }: Performance, startingBalance: number): Record<string, number | string | null> {
  const value = (metric: keyof typeof figures): number => Number(figures[metric].value ?? Number.NaN);
  return {
    total_trades: counts.trades, wins: counts.wins, losses: counts.losses, draws: counts.draws,
    max_consecutive_wins: counts.maxConsecutiveWins, max_consecutive_losses: counts.maxConsecutiveLosses,
    profit_mean: value('avg_trade_return'), profit_total: value('total_return'), profit_total_abs: value('net_profit'),
    sharpe: value('sharpe_ratio'), sortino: value('sortino_ratio'), calmar: value('calmar_ratio'), profit_factor: value('profit_factor'),
    expectancy: value('expectancy'), expectancy_ratio: value('expectancy_ratio'), sqn: value('sqn'), cagr: value('cagr'), winrate: value('win_rate'),
    max_drawdown_account: value('max_drawdown_percent') / 100, max_relative_drawdown: value('max_relative_drawdown_percent') / 100,
    max_drawdown_abs: value('max_drawdown_absolute'), drawdown_start: written(drawdown.fromMs), drawdown_end: written(drawdown.toMs),
    final_balance: startingBalance + value('net_profit'),
    holding_avg_s: value('avg_trade_duration'), winner_holding_avg_s: value('avg_winner_duration'), loser_holding_avg_s: value('avg_loser_duration'),
  };
}

const RELATIVE = 1e-9;

export interface Difference {
  name: string;
  wanted: number | string | undefined;
  got: number | string | null | undefined;
}

/** Whatever freqtrade reported and we do not; a metric that we do not have is a difference too. */
export function differencesFromFreqtrade({ trades: theirs, metrics }: FreqtradeResult): Difference[] {
  const trades = theirs.map(toClosedTrade);
  const startingBalance = Number(metrics['starting_balance']);
  const performance = freqtradePerformance({
    trades, openingEquity: toDecimalString(exactly(startingBalance)), startMs: utc(metrics['backtest_start']), endMs: utc(metrics['backtest_end']), unrealisedPnl: toDecimalString('0'),
  });
  const figures = ours(performance, startingBalance);
  const reported = Object.entries(metrics).filter(([name]) => !CIRCUMSTANCES.includes(name)).map(([name, wanted]) => ({ name, wanted, got: figures[name] }));
  const ratios = trades.map((trade, index) => ({ name: `profit_ratio of trade ${index}`, wanted: theirs[index]?.profit_ratio, got: profitRatio(trade) }));
  return [...reported, ...ratios].filter(({ wanted, got }) => !equalToFreqtrade(wanted, got));
}

export function equalToFreqtrade(wanted: Difference['wanted'], got: Difference['got']): boolean {
  if (typeof wanted !== 'number' || typeof got !== 'number') return wanted === got;
  return Math.abs(wanted - got) <= RELATIVE * Math.max(Math.abs(wanted), Math.abs(got));
}

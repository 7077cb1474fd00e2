/**
 * The catalogue of formulas: every figure that analytics shows names one of these. docs/ANALYTICS.md prints the same list.
 *
 * P profit of a closed trade after fees and funding · n trades · B equity of the account at the start of the period ·
 * D whole days of the period, at least 1 · r return of a UTC day, days without an exit 0 · σ₀ population and σ₁ sample deviation.
 */
import type { AccountMetric } from './account-performance.js';
import type { Definition } from './figure.js';
import type { Metric } from './performance.js';

export type Unit = 'USDT' | 'ratio' | 'percent' | 'seconds' | 'count';

export interface Formula {
  expression: string;
  unit: Unit;
}

const ratio = (expression: string): Formula => ({ expression, unit: 'ratio' });
const usdt = (expression: string): Formula => ({ expression, unit: 'USDT' });
const percent = (expression: string): Formula => ({ expression, unit: 'percent' });
const seconds = (expression: string): Formula => ({ expression, unit: 'seconds' });
const count = (expression: string): Formula => ({ expression, unit: 'count' });

const TEXTBOOK: Record<Metric, Formula> = {
  net_profit: usdt('Σ P'),
  total_return: ratio('Σ P / B'),
  total_return_with_open: ratio('(Σ P + unrealised profit of the open positions) / B'),
  sharpe_ratio: ratio('mean(r) / σ₁(r) × √365'),
  sortino_ratio: ratio('mean(r) / √(Σ min(r, 0)² / days) × √365'),
  calmar_ratio: ratio('cagr / deepest relative drawdown'),
  cagr: ratio('((B + Σ P) / B)^(365 / days) − 1, days with their fraction'),
  sqn: ratio('√n × mean(P) / σ₁(P), neither capped nor rounded'),
  max_drawdown_absolute: usdt('peak − trough of the balance after each exit, where (peak − trough) / peak is greatest'),
  max_drawdown_percent: percent('greatest (peak − trough) / peak of the balance after each exit × 100'),
  max_relative_drawdown_percent: percent('the same as max_drawdown_percent'),
  win_rate: ratio('trades with P > 0 / n'),
  profit_factor: ratio('Σ P over P > 0 / |Σ P over P < 0|'),
  expectancy: usdt('Σ P / n'),
  expectancy_ratio: ratio('expectancy / average loss'),
  avg_trade_return: ratio('mean(P / margin), margin = entry value / leverage'),
  avg_trade_duration: seconds('mean(last exit fill − first entry fill)'),
  avg_winner_duration: seconds('the same over P > 0'),
  avg_loser_duration: seconds('the same over P < 0'),
};

const FREQTRADE: Record<Metric, Formula> = {
  net_profit: usdt('Σ P'),
  total_return: ratio('Σ P / B'),
  total_return_with_open: ratio('(Σ P + unrealised profit of the open positions) / B; not of freqtrade'),
  sharpe_ratio: ratio('(Σ P/B / D) / σ₀(P/B per trade) × √365; −100 without deviation, 0 without trades or period'),
  sortino_ratio: ratio('(Σ P/B / D) / σ₀(P/B of the losing trades) × √365; −100 without deviation, 0 without trades or period'),
  calmar_ratio: ratio('(Σ P/B / D × 100) / max_drawdown × √365; −100 without drawdown, 0 without trades or period'),
  cagr: ratio('((B + Σ P) / B)^(365 / D) − 1; 0 when B + Σ P < 0 or beyond a float'),
  sqn: ratio('√n × mean(P/B) / σ₁(P/B), rounded to 4 decimals; −100 without deviation, 0 without trades'),
  max_drawdown_absolute: usdt('greatest peak − trough of the balance after each exit; 0 without trades'),
  max_drawdown_percent: percent('(peak − trough) / peak × 100 where peak − trough is greatest (max_drawdown_account); 0 without trades'),
  max_relative_drawdown_percent: percent('greatest (peak − trough) / peak × 100 (max_relative_drawdown); 0 without trades'),
  win_rate: ratio('trades with P > 0 / n; 0 without trades'),
  profit_factor: ratio('Σ P over P > 0 / |Σ P over P < 0|; 0 without losses'),
  expectancy: usdt('win rate × average win − loss rate × average loss; 0 without trades'),
  expectancy_ratio: ratio('(1 + average win / average loss) × win rate − 1; 100 without losses'),
  avg_trade_return: ratio('mean(P × leverage / (entry value ± entry fee)) (profit_mean); 0 without trades'),
  avg_trade_duration: seconds('mean of whole minutes, rounded half to even to minutes × 60; 0 without trades'),
  avg_winner_duration: seconds('the same over P > 0; 0 without'),
  avg_loser_duration: seconds('the same over P < 0; 0 without'),
};

const TEXTBOOK_ACCOUNT: Record<AccountMetric, Formula> = {
  total_return: ratio('last equity / first equity − 1'),
  sharpe_ratio: ratio('mean(r) / σ₁(r) × √365, r = equity at the end of a UTC day / that of the day before − 1'),
  sortino_ratio: ratio('mean(r) / √(Σ min(r, 0)² / days) × √365'),
  calmar_ratio: ratio('((last / first equity)^(365 / days) − 1) / deepest relative drawdown'),
  max_drawdown_absolute: usdt('peak − trough of the equity at the ends of days, where (peak − trough) / peak is greatest'),
  max_drawdown_percent: percent('greatest (peak − trough) / peak of the equity at the ends of days × 100'),
  max_relative_drawdown_percent: percent('the same as max_drawdown_percent'),
};

const FREQTRADE_ACCOUNT: Record<AccountMetric, Formula> = {
  total_return: ratio('last equity / first equity − 1'),
  sharpe_ratio: ratio('mean(r) / σ₀(r) × √365 (wallet_stats); −100 without deviation'),
  sortino_ratio: ratio('mean(r) / σ₀(r < 0) × √365 (wallet_stats); −100 without deviation'),
  calmar_ratio: ratio('((last − first) / first / D × 100) / max_drawdown × √365 (wallet_stats); −100 without drawdown'),
  max_drawdown_absolute: usdt('greatest peak − trough of the equity at the ends of days'),
  max_drawdown_percent: percent('(peak − trough) / peak × 100 where peak − trough is greatest'),
  max_relative_drawdown_percent: percent('greatest (peak − trough) / peak × 100'),
};

const DAY: Record<string, Formula> = {
  closed_trades: count('trades whose last exit fill is of the UTC day'),
  gross_pnl: usdt('Σ profit of those trades before fees and funding'),
  fees: usdt('Σ fees of the fills of the day'),
  funding: usdt('Σ funding payments for hours of the day, the one at its end included; positive is a cost'),
  realised_pnl: usdt('gross_pnl − fees − funding'),
  unrealised_pnl: usdt('unrealised profit at the last reading of the day'),
  unrealised_change: usdt('unrealised profit at the last reading − at the first'),
  net_pnl: usdt('realised_pnl + unrealised_change'),
  equity_start: usdt('first reading of the account on the UTC day'),
  equity_end: usdt('last reading of the day, or the one at the start of the next'),
  equity_change: usdt('equity_end − equity_start'),
  unexplained: usdt('equity_change − net_pnl: deposits, orders of others, a trade that closed in parts on two days'),
  return_percent: percent('net_pnl / equity_start × 100'),
};

const GROUP: Record<string, Formula> = {
  trades: count('closed trades of the group'),
  wins: count('trades with P > 0'),
  losses: count('trades with P < 0'),
  draws: count('trades with P = 0'),
  win_rate: ratio('wins / trades'),
  gross_pnl: usdt('Σ profit before fees and funding'),
  fees: usdt('Σ fees'),
  funding: usdt('Σ funding, positive is a cost'),
  realised_pnl: usdt('Σ P = gross_pnl − fees − funding'),
  average_pnl: usdt('realised_pnl / trades'),
  best_pnl: usdt('greatest P'),
  worst_pnl: usdt('smallest P'),
  avg_trade_duration: seconds('mean(last exit fill − first entry fill)'),
};

const under = (prefix: string, formulas: Record<string, Formula>): [string, Formula][] => Object.entries(formulas).map(([name, formula]) => [`${prefix}.${name}`, formula]);

export const DAY_FORMULAS = new Map(under('day', DAY));
export const GROUP_FORMULAS = new Map(under('group', GROUP));

const STRATEGY_FORMULAS: Record<Definition, Map<string, Formula>> = {
  textbook: new Map([...under('textbook', TEXTBOOK), ...under('textbook.account', TEXTBOOK_ACCOUNT)]),
  freqtrade: new Map([...under('freqtrade', FREQTRADE), ...under('freqtrade.account', FREQTRADE_ACCOUNT)]),
};

/** All formulas of the definition, by the names that figures carry. */
export function formulasOf(definition: Definition): Map<string, Formula> {
  return STRATEGY_FORMULAS[definition];
}

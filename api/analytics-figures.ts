/** The figures of a performance on the wire. */
import { z } from 'zod';
import type { AccountPerformance } from '../core/analytics/account-performance.js';
import type { StrategyJudgement } from './analytics-judgement.js';
import { moneyFigure, moneyOnWire, ratioFigure, ratioOnWire } from './figure-schema.js';
import { decimalText, instant, iso } from './wire.js';

const drawdown = z.object({
  absolute: moneyFigure,
  percent: ratioFigure,
  max_relative_percent: ratioFigure,
  from: instant.nullable().meta({ description: 'trading time of the peak; null without a fall' }),
  to: instant.nullable().meta({ description: 'trading time of the trough' }),
}).meta({ id: 'MaxDrawdown' });

const seconds = ratioFigure.meta({ description: 'seconds' });

export const performanceSchema = z.object({
  strategy: z.string().nullable().meta({ description: 'null: all strategies together' }),
  trades: z.int().meta({ description: 'closed in the span' }),
  wins: z.int(),
  losses: z.int(),
  draws: z.int(),
  max_consecutive_wins: z.int(),
  max_consecutive_losses: z.int(),
  open_trades: z.int().nullable().meta({ description: 'now; null for a span that ended in the past' }),
  unrealised_pnl: decimalText.nullable().meta({ description: 'USDT of the open trades; null for a span that ended in the past' }),
  net_profit: moneyFigure,
  total_return: ratioFigure,
  total_return_with_open: ratioFigure,
  sharpe_ratio: ratioFigure,
  sortino_ratio: ratioFigure,
  calmar_ratio: ratioFigure,
  cagr: ratioFigure,
  sqn: ratioFigure,
  max_drawdown: drawdown,
  win_rate: ratioFigure,
  profit_factor: ratioFigure,
  expectancy: moneyFigure,
  expectancy_ratio: ratioFigure,
  avg_trade_return: ratioFigure,
  avg_trade_duration: seconds,
  avg_winner_duration: seconds,
  avg_loser_duration: seconds,
}).meta({ id: 'Performance' });

export const accountSchema = z.object({
  readings: z.int().meta({ description: 'of the equity that were used: the opening and the last one of every day' }),
  total_return: ratioFigure,
  sharpe_ratio: ratioFigure,
  sortino_ratio: ratioFigure,
  calmar_ratio: ratioFigure,
  max_drawdown: drawdown,
}).meta({ id: 'AccountPerformance', description: 'the equity of the whole account, unrealised profit included; deposits and withdrawals count as gains and losses' });

const isoOf = (ms: number | null): string | null => (ms === null ? null : iso(ms));

type Fallen = Pick<AccountPerformance, 'drawdown'> & { figures: Pick<AccountPerformance['figures'], 'max_drawdown_absolute' | 'max_drawdown_percent' | 'max_relative_drawdown_percent'> };

function drawdownOnWire({ figures, drawdown: { fromMs, toMs } }: Fallen): z.output<typeof drawdown> {
  return {
    absolute: moneyOnWire(figures.max_drawdown_absolute), percent: ratioOnWire(figures.max_drawdown_percent),
    max_relative_percent: ratioOnWire(figures.max_relative_drawdown_percent), from: isoOf(fromMs), to: isoOf(toMs),
  };
}

export function performanceOnWire({ strategy, openTrades, unrealisedPnl, performance }: StrategyJudgement): z.output<typeof performanceSchema> {
  const { counts, figures } = performance;
  return {
    strategy, trades: counts.trades, wins: counts.wins, losses: counts.losses, draws: counts.draws,
    max_consecutive_wins: counts.maxConsecutiveWins, max_consecutive_losses: counts.maxConsecutiveLosses,
    open_trades: openTrades, unrealised_pnl: unrealisedPnl,
    net_profit: moneyOnWire(figures.net_profit),
    total_return: ratioOnWire(figures.total_return),
    total_return_with_open: ratioOnWire(figures.total_return_with_open),
    sharpe_ratio: ratioOnWire(figures.sharpe_ratio),
    sortino_ratio: ratioOnWire(figures.sortino_ratio),
    calmar_ratio: ratioOnWire(figures.calmar_ratio),
    cagr: ratioOnWire(figures.cagr),
    sqn: ratioOnWire(figures.sqn),
    max_drawdown: drawdownOnWire(performance),
    win_rate: ratioOnWire(figures.win_rate),
    profit_factor: ratioOnWire(figures.profit_factor),
    expectancy: moneyOnWire(figures.expectancy),
    expectancy_ratio: ratioOnWire(figures.expectancy_ratio),
    avg_trade_return: ratioOnWire(figures.avg_trade_return),
    avg_trade_duration: ratioOnWire(figures.avg_trade_duration),
    avg_winner_duration: ratioOnWire(figures.avg_winner_duration),
    avg_loser_duration: ratioOnWire(figures.avg_loser_duration),
  };
}

export function accountOnWire(account: AccountPerformance): z.output<typeof accountSchema> {
  const { readings, figures } = account;
  return {
    readings,
    total_return: ratioOnWire(figures.total_return),
    sharpe_ratio: ratioOnWire(figures.sharpe_ratio),
    sortino_ratio: ratioOnWire(figures.sortino_ratio),
    calmar_ratio: ratioOnWire(figures.calmar_ratio),
    max_drawdown: drawdownOnWire(account),
  };
}

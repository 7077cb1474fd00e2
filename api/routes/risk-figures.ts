/** `GET /api/v1/risk/current-exposure` and `/risk/daily-limits`: what is at stake now, and what may still be lost today. */
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import { dec, toDecimalString, ZERO, type Decimal, type DecimalString } from '../../core/money/decimal.js';
import type { RiskView } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, isoOrNull, provenance } from '../wire.js';

const PERCENT_DIGITS = 4;

const usdt = decimalText.meta({ description: 'USDT' });
const percent = decimalText.meta({ description: 'percent' });

const exposureSchema = z.object({
  trade_id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side: z.enum(['Buy', 'Sell']),
  notional: usdt,
  notional_percent: percent.meta({ description: 'percent of equity' }),
  risk_at_stop: decimalText.meta({ description: 'USDT lost when the stop is hit, fees included' }),
  margin: usdt,
  state: z.enum(['reserved', 'filled']).meta({ description: 'reserved: the entry is under way' }),
}).meta({ id: 'Exposure' });

export const currentExposureSchema = z.object({
  ...provenance,
  equity: usdt,
  total_exposure: usdt,
  exposure_percent: percent.meta({ description: 'percent of equity' }),
  exposure_cap: usdt,
  exposure_cap_percent: percent,
  room: decimalText.meta({ description: 'USDT of notional that may still be added' }),
  risk_at_stops: decimalText.meta({ description: 'USDT lost when all stops are hit' }),
  open_positions: z.int(),
  max_positions: z.int(),
  leverage: decimalText.meta({ description: 'wanted leverage; lowered to what the instrument allows' }),
  max_position_size: decimalText,
  position_size_unit: z.enum(['percent', 'usdt', 'base']),
  max_symbol_exposure_percent: percent,
  exposures: z.array(exposureSchema),
}).meta({ id: 'CurrentExposure' });

export const dailyLimitsSchema = z.object({
  ...provenance,
  day_start: instant.nullable(),
  day_start_equity: usdt.nullable(),
  equity: usdt,
  day_pnl: decimalText.nullable().meta({ description: 'USDT since the start of the UTC day of trading time, unrealised profit, fees and funding included; negative is a loss' }),
  limit_percent: percent.meta({ description: 'percent of the equity that losses are counted from' }),
  counted_from_equity: usdt.nullable().meta({ description: 'equity at the start of the day, or at the last reset of the limit' }),
  limit: usdt.nullable(),
  used: decimalText.nullable().meta({ description: 'USDT of the limit that are lost; 0 while the day is in profit' }),
  used_percent: percent.nullable().meta({ description: 'percent of the limit' }),
  left: decimalText.nullable().meta({ description: 'USDT that may still be lost today, profit of the day included' }),
  limit_hit: z.boolean(),
  resets_at: instant.nullable().meta({ description: 'trading time' }),
  peak_equity: usdt.nullable(),
  drawdown_percent: percent.nullable().meta({ description: 'percent of the peak equity' }),
  max_drawdown_percent: percent,
  max_drawdown_hit: z.boolean(),
}).meta({ id: 'DailyLimits' });

export function currentExposureRoute({ bot }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/risk/current-exposure', summary: 'What is held and at stake, against the limits', role: 'viewer',
    query: NOTHING, body: NOTHING, reply: currentExposureSchema, statuses: { 200: 'The exposure' },
    handle: async () => ({ status: 200, body: exposureOf(await bot.risk()) }),
  });
}

export function dailyLimitsRoute({ bot }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/risk/daily-limits', summary: "The day's loss limit: used, left, reset time; and the drawdown", role: 'viewer',
    query: NOTHING, body: NOTHING, reply: dailyLimitsSchema, statuses: { 200: 'The limits' },
    handle: async () => ({ status: 200, body: limitsOf(await bot.risk()) }),
  });
}

function exposureOf(risk: RiskView): z.output<typeof currentExposureSchema> {
  const equity = knownEquity(risk);
  const total = dec(risk.totalExposure);
  const cap = risk.exposureCap === undefined ? dec(equity).times(dec(risk.limits.maxTotalExposurePercent)).div(100) : dec(risk.exposureCap);
  return {
    as_of: iso(risk.asOfMs), source: 'workflow', equity,
    total_exposure: risk.totalExposure, exposure_percent: percentOf(total, dec(equity)),
    exposure_cap: toDecimalString(cap), exposure_cap_percent: risk.limits.maxTotalExposurePercent, room: notBelowZero(cap.minus(total)),
    risk_at_stops: toDecimalString(risk.exposures.reduce((sum, { riskAtStop }) => sum.plus(dec(riskAtStop)), ZERO)),
    open_positions: risk.openPositions, max_positions: risk.maxPositions, leverage: risk.limits.leverage,
    max_position_size: risk.limits.maxPositionSize, position_size_unit: risk.limits.positionSizeUnit, max_symbol_exposure_percent: risk.limits.maxSymbolExposurePercent,
    exposures: risk.exposures.map(({ tradeId, strategy, symbol, side, notional, riskAtStop, margin, settledMs }) => ({
      trade_id: tradeId, strategy, symbol, side, notional, notional_percent: percentOf(dec(notional), dec(equity)), risk_at_stop: riskAtStop, margin,
      state: settledMs === null ? 'reserved' as const : 'filled' as const,
    })),
  };
}

function limitsOf(risk: RiskView): z.output<typeof dailyLimitsSchema> {
  const equity = knownEquity(risk);
  const { limits, budgetStartEquity, dayLossBudget } = risk;
  const limit = budgetStartEquity === undefined ? undefined : dec(budgetStartEquity).times(dec(limits.dailyLossLimitPercent)).div(100);
  const left = dayLossBudget === undefined ? undefined : dec(dayLossBudget);
  const lost = limit === undefined || left === undefined ? undefined : limit.minus(left);
  const used = lost?.isNegative() === true ? ZERO : lost;
  return {
    as_of: iso(risk.asOfMs), source: 'workflow', equity,
    day_start: isoOrNull(risk.dayStartMs), day_start_equity: risk.dayStartEquity ?? null, day_pnl: risk.dayPnl ?? null,
    limit_percent: limits.dailyLossLimitPercent, counted_from_equity: budgetStartEquity ?? null,
    limit: limit === undefined ? null : toDecimalString(limit),
    used: used === undefined ? null : toDecimalString(used),
    used_percent: used === undefined || limit === undefined ? null : percentOf(used, limit),
    left: left === undefined ? null : notBelowZero(left),
    limit_hit: risk.dailyLossLimitHit, resets_at: isoOrNull(risk.resetsAtMs),
    peak_equity: risk.peakEquity ?? null, drawdown_percent: risk.drawdownPercent ?? null, max_drawdown_percent: limits.maxDrawdownPercent, max_drawdown_hit: risk.maxDrawdownHit,
  };
}

function knownEquity({ equity }: RiskView): DecimalString {
  if (equity !== undefined) return equity;
  throw new BotError(40001, 'the bot has not read the balance from the exchange yet', { fix: 'wait for its first candle; GET /health says what is missing' });
}

function notBelowZero(amount: Decimal): DecimalString {
  return toDecimalString(amount.isNegative() ? ZERO : amount);
}

function percentOf(part: Decimal, whole: Decimal): DecimalString {
  return toDecimalString(whole.isZero() ? ZERO : part.div(whole).times(100).toDecimalPlaces(PERCENT_DIGITS));
}

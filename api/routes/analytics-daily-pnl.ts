/** `GET /api/v1/analytics/daily-pnl`: what each UTC day of trading time earned, the open positions included in today's row. */
import { z } from 'zod';
import { dailyPnl, totalPnl, type DayEquity, type DayPnl } from '../../core/analytics/daily-pnl.js';
import { DAY_FORMULAS } from '../../core/analytics/formulas.js';
import { boundaryAtOrBefore } from '../../core/market/interval.js';
import { Decimal, dec, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { marketNow, type MarketNow } from '../analytics-span.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { formulasOnWire, formulasSchema } from '../figure-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, provenance } from '../wire.js';

const DAY_MS = 86_400_000;
const DAYS_MAX = 366;
const PERCENT_DIGITS = 6;

const query = z.strictObject({
  days: z.coerce.number().int().min(1).max(DAYS_MAX).default(30).meta({ description: `a whole number from 1 to ${DAYS_MAX}: UTC days of trading time, today included` }),
});

const usdt = decimalText.meta({ description: 'USDT' });

const realised = {
  closed_trades: z.int().meta({ description: 'trades whose last exit fill is of this day' }),
  gross_pnl: decimalText.meta({ description: 'USDT, profit of those trades before fees and funding' }),
  fees: decimalText.meta({ description: 'USDT, of the fills of this day' }),
  funding: decimalText.meta({ description: 'USDT paid for hours of this day, positive is a cost' }),
  realised_pnl: decimalText.meta({ description: 'USDT, gross_pnl less fees and funding' }),
};

const daySchema = z.object({
  date: z.iso.date().meta({ description: 'UTC day of trading time', example: '2026-01-31' }),
  ...realised,
  unrealised_pnl: usdt.nullable().meta({ description: 'USDT, of the positions open at the last reading' }),
  unrealised_change: usdt.nullable().meta({ description: 'USDT, from the first reading of the day to the last' }),
  net_pnl: usdt.nullable().meta({ description: 'USDT, realised_pnl plus unrealised_change' }),
  return_percent: decimalText.nullable().meta({ description: 'net_pnl in percent of equity_start' }),
  equity_start: usdt.nullable(),
  equity_end: usdt.nullable(),
  equity_change: usdt.nullable(),
  unexplained: usdt.nullable().meta({ description: 'USDT, equity_change less net_pnl: deposits, orders of others, a trade that closed in parts on two days' }),
  equity_read_at: instant.nullable().meta({ description: 'trading time of equity_end' }),
  reason: z.string().nullable().meta({ description: 'why the equity, or the return on it, is null' }),
}).meta({ id: 'DayPnl' });

export const dailyPnlSchema = z.object({
  ...provenance,
  count: z.int(),
  days: z.array(daySchema).meta({ description: 'oldest first' }),
  total: z.object(realised).meta({ description: 'over all days shown' }),
  formulas: formulasSchema,
}).meta({ id: 'DailyPnl' });

export function dailyPnlRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/analytics/daily-pnl', summary: 'Profit and loss by UTC day of trading time', role: 'viewer',
    query, body: NOTHING, reply: dailyPnlSchema, statuses: { 200: 'The days, oldest first' },
    handle: async ({ query: { days: count } }) => {
      const ledger = await open();
      return { status: 200, body: await report(ledger, count, await marketNow(ledger, clock)) };
    },
  });
}

type Reported = z.output<typeof dailyPnlSchema>;

async function report(ledger: Ledger, count: number, { nowMs, wallet }: MarketNow): Promise<Reported> {
  const todayMs = boundaryAtOrBefore(nowMs, 'D');
  const days = dailyPnl(await ledger.dayRecords({ firstDayMs: todayMs - (count - 1) * DAY_MS, lastDayMs: todayMs }), wallet);
  return { as_of: iso(nowMs), source: 'ledger', count: days.length, days: days.map(onTheWire), total: realisedOf(totalPnl(days)), formulas: formulasOnWire(DAY_FORMULAS) };
}

function realisedOf({ closedTrades, grossPnl, fees, funding, realisedPnl }: Pick<DayPnl, 'closedTrades' | 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'>) {
  return { closed_trades: closedTrades, gross_pnl: grossPnl, fees, funding, realised_pnl: realisedPnl };
}

function onTheWire(day: DayPnl): z.output<typeof daySchema> {
  return { date: iso(day.dayMs).slice(0, 10), ...realisedOf(day), ...equityOf(day.equity), reason: day.reason };
}

function equityOf(equity: DayEquity | null) {
  return {
    unrealised_pnl: equity?.unrealised ?? null,
    unrealised_change: equity?.unrealisedChange ?? null,
    net_pnl: equity?.netPnl ?? null,
    return_percent: equity === null ? null : roundedPercent(equity.returnPercent),
    equity_start: equity?.start ?? null,
    equity_end: equity?.end ?? null,
    equity_change: equity?.change ?? null,
    unexplained: equity?.unexplained ?? null,
    equity_read_at: equity === null ? null : iso(equity.endMs),
  };
}

function roundedPercent(value: DecimalString | null): DecimalString | null {
  return value === null ? null : toDecimalString(dec(value).toDecimalPlaces(PERCENT_DIGITS, Decimal.ROUND_HALF_EVEN));
}

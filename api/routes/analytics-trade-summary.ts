/** `GET /api/v1/analytics/trade-summary`: the closed trades of a span by symbol, side, exit reason and hour of day. */
import { z } from 'zod';
import { GROUP_FORMULAS } from '../../core/analytics/formulas.js';
import { NO_TRADES } from '../../core/analytics/performance.js';
import { breakDown, type TradeGroup } from '../../core/analytics/trade-groups.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { asOf, closedTradesIn, marketNow, spanOf, spanQuery, type Span } from '../analytics-span.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { formulasOnWire, formulasSchema, usdtText } from '../figure-schema.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, provenance } from '../wire.js';

const usdt = decimalText.meta({ description: 'USDT' });

const groupSchema = z.object({
  key: z.string(),
  trades: z.int(),
  wins: z.int(),
  losses: z.int(),
  draws: z.int(),
  win_rate: z.number().nullable().meta({ description: 'from 0 to 1' }),
  gross_pnl: decimalText.meta({ description: 'USDT before fees and funding' }),
  fees: usdt,
  funding: decimalText.meta({ description: 'USDT, positive is a cost' }),
  realised_pnl: decimalText.meta({ description: 'USDT, gross_pnl less fees and funding' }),
  average_pnl: usdt.nullable(),
  best_pnl: usdt.nullable(),
  worst_pnl: usdt.nullable(),
  avg_trade_duration: z.number().nullable().meta({ description: 'seconds' }),
  reason: z.string().nullable().meta({ description: 'why the averages are null' }),
}).meta({ id: 'TradeGroup' });

export const tradeSummarySchema = z.object({
  ...provenance,
  since: instant,
  until: instant,
  total: groupSchema,
  by_symbol: z.array(groupSchema),
  by_side: z.array(groupSchema),
  by_exit_reason: z.array(groupSchema),
  by_hour: z.array(groupSchema).meta({ description: 'by UTC hour of the first entry fill, 00 to 23; hours without trades are left out' }),
  formulas: formulasSchema,
}).meta({ id: 'TradeSummary' });

export function tradeSummaryRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get', path: '/api/v1/analytics/trade-summary', summary: 'Closed trades by symbol, side, exit reason and hour of day', role: 'viewer',
    query: z.strictObject(spanQuery), body: NOTHING, reply: tradeSummarySchema, statuses: { 200: 'The summary' },
    handle: async ({ query: { since, until } }) => {
      const ledger = await open();
      const { nowMs } = await marketNow(ledger, clock);
      return { status: 200, body: await report(ledger, spanOf({ since, until }, nowMs)) };
    },
  });
}

type Reported = z.output<typeof tradeSummarySchema>;

async function report(ledger: Ledger, span: Span): Promise<Reported> {
  const trades = await closedTradesIn(ledger, span);
  const { total, bySymbol, bySide, byExitReason, byHour } = breakDown(trades);
  return {
    as_of: iso(asOf(span, trades)), source: 'ledger', since: iso(span.sinceMs), until: iso(span.endsNow ? asOf(span, trades) : span.untilMs),
    total: onTheWire(total), by_symbol: bySymbol.map(onTheWire), by_side: bySide.map(onTheWire), by_exit_reason: byExitReason.map(onTheWire), by_hour: byHour.map(onTheWire),
    formulas: formulasOnWire(GROUP_FORMULAS),
  };
}

function onTheWire({ key, trades, wins, losses, draws, averages, ...sums }: TradeGroup): z.output<typeof groupSchema> {
  return {
    key, trades, wins, losses, draws,
    win_rate: averages === null ? null : Number(averages.winRate),
    gross_pnl: sums.grossPnl, fees: sums.fees, funding: sums.funding, realised_pnl: sums.realisedPnl,
    average_pnl: averages === null ? null : usdtText(averages.averagePnl),
    best_pnl: averages?.bestPnl ?? null,
    worst_pnl: averages?.worstPnl ?? null,
    avg_trade_duration: averages === null ? null : Number(averages.averageDuration),
    reason: averages === null ? NO_TRADES : null,
  };
}

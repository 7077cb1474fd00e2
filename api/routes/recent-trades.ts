/** `GET /api/v1/trades/recent`: trades decided in the last hours of trading time, newest first. */
import { z } from 'zod';
import type { TradeRow } from '../../core/ports/ledger.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { tradingNowMs } from '../trading-time.js';
import { decimalText, instant, iso, isoOrNull, provenance } from '../wire.js';

const HOUR_MS = 3_600_000;
const HOURS_MAX = 87_600;
const LIMIT_MAX = 500;
const OFFSET_MAX = 10_000;

const query = z.strictObject({
  hours: z.coerce.number().gt(0).max(HOURS_MAX).default(24).meta({ description: `hours of trading time, more than 0, at most ${HOURS_MAX}` }),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(100).meta({ description: `a whole number from 1 to ${LIMIT_MAX}` }),
  offset: z.coerce.number().int().min(0).max(OFFSET_MAX).default(0).meta({ description: `a whole number from 0 to ${OFFSET_MAX}` }),
});

const tradeSchema = z.object({
  trade_id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side: z.enum(['Buy', 'Sell']),
  state: z.enum(['intended', 'open', 'closing', 'closed', 'failed']),
  decided_at: instant,
  opened_at: instant.nullable(),
  closed_at: instant.nullable(),
  qty: decimalText,
  leverage: decimalText,
  reference_price: decimalText,
  entry_price: decimalText.nullable(),
  exit_price: decimalText.nullable(),
  stop_loss: decimalText,
  take_profit: decimalText.nullable(),
  exit_reason: z.string().nullable(),
  gross_pnl: decimalText.nullable().meta({ description: 'USDT before fees and funding' }),
  fees: decimalText.nullable(),
  funding: decimalText.nullable().meta({ description: 'USDT, positive is a cost' }),
  realised_pnl: decimalText.nullable().meta({ description: 'USDT, gross_pnl less fees and funding' }),
  error_code: z.int().nullable(),
  error_message: z.string().nullable(),
  workflow_id: z.string(),
}).meta({ id: 'Trade' });

export const recentTradesSchema = z.object({
  ...provenance,
  since: instant,
  count: z.int(),
  next_offset: z.int().nullable().meta({ description: 'offset of the next page; null on the last' }),
  trades: z.array(tradeSchema),
}).meta({ id: 'RecentTrades' });

export function recentTradesRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/trades/recent',
    summary: 'Trades of the last hours, newest first',
    role: 'viewer',
    query,
    body: NOTHING,
    reply: recentTradesSchema,
    statuses: { 200: 'The trades' },
    handle: async ({ query: { hours, limit, offset } }) => {
      const ledger = await open();
      const nowMs = await tradingNowMs(ledger, clock);
      const sinceMs = Math.round(nowMs - hours * HOUR_MS);
      const rows = await ledger.tradesSince(sinceMs, offset + limit + 1);
      const trades = rows.slice(offset, offset + limit).map(onTheWire);
      const body = { as_of: iso(nowMs), source: 'ledger' as const, since: iso(sinceMs), count: trades.length, next_offset: rows.length > offset + limit ? offset + limit : null, trades };
      return { status: 200, body };
    },
  });
}

function onTheWire(trade: TradeRow): z.output<typeof tradeSchema> {
  return {
    trade_id: trade.tradeId,
    strategy: trade.strategy,
    symbol: trade.symbol,
    side: trade.side,
    state: trade.state,
    decided_at: iso(trade.decidedMs),
    opened_at: isoOrNull(trade.openedMs),
    closed_at: isoOrNull(trade.closedMs),
    qty: trade.qty,
    leverage: trade.leverage,
    reference_price: trade.referencePrice,
    entry_price: trade.entryPrice,
    exit_price: trade.exitPrice,
    stop_loss: trade.stopLoss,
    take_profit: trade.takeProfit,
    exit_reason: trade.exitReason,
    gross_pnl: trade.grossPnl,
    fees: trade.fees,
    funding: trade.funding,
    realised_pnl: trade.realisedPnl,
    error_code: trade.errorCode,
    error_message: trade.errorMessage,
    workflow_id: trade.workflowId,
  };
}

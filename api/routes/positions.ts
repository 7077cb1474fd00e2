/** `GET /api/v1/positions/active` and `/positions/stop-losses`: the open positions, and how each is protected. */
import { z } from 'zod';
import { dec, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Position } from '../../core/orders/order.js';
import type { LedgerReader, TradeRow } from '../../core/ports/ledger.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { tradingNowMs } from '../trading-time.js';
import { decimalText, instant, iso, provenance } from '../wire.js';

const PERCENT_DIGITS = 4;

const common = {
  symbol: z.string(),
  side: z.enum(['Buy', 'Sell']),
  size: decimalText.meta({ description: 'base coin' }),
  mark_price: decimalText,
  trade_id: z.string().nullable().meta({ description: 'null: no trade of the bot is known for it' }),
  strategy: z.string().nullable(),
  as_of: instant,
};

const positionSchema = z.object({
  ...common,
  entry_price: decimalText,
  value: decimalText.meta({ description: 'USDT' }),
  unrealised_pnl: decimalText.meta({ description: 'USDT' }),
  leverage: decimalText,
  liquidation_price: decimalText.nullable(),
  stop_loss: decimalText.nullable(),
  take_profit: decimalText.nullable(),
}).meta({ id: 'Position' });

const stopLossSchema = z.object({
  ...common,
  stop_loss: decimalText.nullable().meta({ description: 'price at which the exchange closes the position; null: it has no stop' }),
  planned_stop_loss: decimalText.nullable().meta({ description: 'as the trade was approved' }),
  protected: z.boolean(),
  distance_percent: decimalText.nullable().meta({ description: 'from mark price to stop, percent of the mark price' }),
}).meta({ id: 'StopLoss' });

export const activePositionsSchema = z.object({ ...provenance, count: z.int(), positions: z.array(positionSchema) }).meta({ id: 'ActivePositions' });
export const stopLossesSchema = z.object({ ...provenance, count: z.int(), all_protected: z.boolean(), stop_losses: z.array(stopLossSchema) }).meta({ id: 'StopLosses' });

export function activePositionsRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/positions/active',
    summary: 'Open positions',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: activePositionsSchema,
    statuses: { 200: 'The positions' },
    handle: async () => {
      const { held, asOfMs } = await readPositions(await open(), clock);
      const positions = held.map(active);
      return { status: 200, body: { as_of: iso(asOfMs), source: 'ledger' as const, count: positions.length, positions } };
    },
  });
}

export function stopLossesRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/positions/stop-losses',
    summary: 'Protection of the open positions',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: stopLossesSchema,
    statuses: { 200: 'The stops' },
    handle: async () => {
      const { held, asOfMs } = await readPositions(await open(), clock);
      const stops = held.map(protection);
      return { status: 200, body: { as_of: iso(asOfMs), source: 'ledger' as const, count: stops.length, all_protected: stops.every((stop) => stop.protected), stop_losses: stops } };
    },
  });
}

interface Held {
  position: Position & { side: 'Buy' | 'Sell' };
  asOfMs: number;
  trade: TradeRow | undefined;
}

/** As of the oldest reading among the positions; without any, as of now on the market's clock. */
async function readPositions(ledger: LedgerReader, clock: () => number): Promise<{ held: Held[]; asOfMs: number }> {
  const [rows, trades, nowMs] = await Promise.all([ledger.positions(), ledger.openTrades(), tradingNowMs(ledger, clock)]);
  const held = rows.flatMap(({ position, asOfMs }) => {
    const { side } = position;
    if (side === 'None') return [];
    return [{ position: { ...position, side }, asOfMs, trade: trades.find((trade) => trade.symbol === position.symbol && trade.side === side) }];
  });
  return { held, asOfMs: held.length === 0 ? nowMs : Math.min(...held.map((row) => row.asOfMs)) };
}

function shared({ position, asOfMs, trade }: Held) {
  return {
    symbol: position.symbol,
    side: position.side,
    size: position.size,
    mark_price: position.markPrice,
    trade_id: trade?.tradeId ?? null,
    strategy: trade?.strategy ?? null,
    as_of: iso(asOfMs),
  };
}

function active(held: Held): z.output<typeof positionSchema> {
  const { position } = held;
  return {
    ...shared(held),
    entry_price: position.avgPrice,
    value: position.positionValue,
    unrealised_pnl: position.unrealisedPnl,
    leverage: position.leverage,
    liquidation_price: presentPrice(position.liquidationPrice),
    stop_loss: presentPrice(position.stopLoss),
    take_profit: presentPrice(position.takeProfit),
  };
}

function protection(held: Held): z.output<typeof stopLossSchema> {
  const stop = presentPrice(held.position.stopLoss);
  return {
    ...shared(held),
    stop_loss: stop,
    planned_stop_loss: held.trade?.stopLoss ?? null,
    protected: stop !== null,
    distance_percent: stop === null ? null : distancePercent(held.position.markPrice, stop),
  };
}

/** '0' is how the exchange says "none". */
function presentPrice(price: DecimalString): DecimalString | null {
  return dec(price).isZero() ? null : price;
}

function distancePercent(mark: DecimalString, stop: DecimalString): DecimalString | null {
  if (dec(mark).isZero()) return null;
  return toDecimalString(dec(mark).minus(dec(stop)).abs().div(dec(mark)).times(100).toDecimalPlaces(PERCENT_DIGITS));
}

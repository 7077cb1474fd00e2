/** Positions: list, protection, leverage, mode, realised profit. */
import { z } from 'zod';
import type { ClientCommand } from '../exchange/simulated-exchange.js';
import { restClosedPnl } from '../rows/history-rows.js';
import { restPosition } from '../rows/position-row.js';
import { invalidParameter } from '../server/refusal.js';
import { pageOf } from './cursors.js';
import { asAnswer } from './order-commands.js';
import { choice, given, integer, limit, parseLinear, text, type RawParams } from './params.js';
import { ok, type Answer, type PrivateRoute, type RouteContext } from './route.js';
import { timeSpan } from './time-span.js';

export const positionRoutes: readonly PrivateRoute[] = [
  { access: 'read', method: 'GET', path: '/v5/position/list', handle: positions },
  { access: 'read', method: 'GET', path: '/v5/position/closed-pnl', handle: closedPnl },
  { access: 'Position', method: 'POST', path: '/v5/position/trading-stop', handle: (params, context) => asAnswer(context.exchange.submit(tradingStop(params))) },
  { access: 'Position', method: 'POST', path: '/v5/position/set-leverage', handle: (params, context) => asAnswer(context.exchange.submit(setLeverage(params))) },
  { access: 'Position', method: 'POST', path: '/v5/position/switch-mode', handle: (params, context) => asAnswer(context.exchange.submit(switchMode(params))) },
];

const DAY_MS = 86_400_000;
const positionsSchema = z.object({ symbol: text, baseCoin: text, settleCoin: text, limit: limit(200, 20), cursor: text });

/** By symbol the row comes even when flat; by settle coin only open positions. */
function positions(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(positionsSchema, params);
  if (query.symbol === '' && query.settleCoin === '' && query.baseCoin === '') throw invalidParameter('params error: symbol or settleCoin is required');
  if (query.symbol !== '' && !context.exchange.isListed(query.symbol)) throw invalidParameter('params error: symbol invalid');
  const symbols = query.symbol === '' ? context.exchange.listed().map((instrument) => instrument.symbol) : [query.symbol];
  const rows = symbols.map((symbol) => context.exchange.engine.position(symbol))
    .filter((row) => query.symbol !== '' || (row.side !== 'None' && (query.settleCoin === '' || query.settleCoin === 'USDT')));
  const page = pageOf({ rows, idOf: (row) => row.symbol, limit: query.limit, cursor: query.cursor });
  return ok({ category: 'linear', list: page.rows.map(restPosition), nextPageCursor: page.nextPageCursor });
}

const closedPnlSchema = z.object({ symbol: text, startTime: text, endTime: text, limit: limit(100, 50), cursor: text });

function closedPnl(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(closedPnlSchema, params);
  const span = timeSpan(query, { nowMs: context.exchange.clock().atMs, defaultMs: 7 * DAY_MS, unboundedById: false });
  const rows = context.exchange.engine.closedPnl().filter((row) => row.updatedMs >= span.fromMs && row.updatedMs <= span.toMs && (query.symbol === '' || row.symbol === query.symbol));
  const page = pageOf({ rows: rows.toReversed(), idOf: (row) => row.orderId, limit: query.limit, cursor: query.cursor });
  return ok({ category: 'linear', list: page.rows.map(restClosedPnl), nextPageCursor: page.nextPageCursor });
}

const triggerBy = choice(['LastPrice', 'MarkPrice', 'IndexPrice']);
const tradingStopSchema = z.object({
  symbol: text, tpslMode: choice(['Full', 'Partial']), positionIdx: integer({ min: 0, max: 2, fallback: 0 }), takeProfit: text, stopLoss: text,
  trailingStop: text, tpTriggerBy: triggerBy, slTriggerBy: triggerBy, tpSize: text, slSize: text,
});

function tradingStop(params: RawParams): ClientCommand {
  const { symbol, positionIdx, ...rest } = parseLinear(tradingStopSchema, params);
  return { kind: 'setTradingStop', symbol, positionIdx, ...given(rest) };
}

const leverageSchema = z.object({ symbol: text, buyLeverage: text, sellLeverage: text });

function setLeverage(params: RawParams): ClientCommand {
  const { symbol, buyLeverage, sellLeverage } = parseLinear(leverageSchema, params);
  return { kind: 'setLeverage', symbol, buyLeverage, sellLeverage };
}

const modeSchema = z.object({ symbol: text, coin: text, mode: integer({ min: 0, max: 3, fallback: -1 }) });

function switchMode(params: RawParams): ClientCommand {
  const { mode, symbol, coin } = parseLinear(modeSchema, params);
  return { kind: 'switchMode', mode, ...given({ symbol, coin }) };
}

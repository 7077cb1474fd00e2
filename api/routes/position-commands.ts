/** `POST /api/v1/positions/{symbol}/close` and `/positions/close-all`. */
import { z } from 'zod';
import { toDecimalString } from '../../core/money/decimal.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineOrder } from '../order-command.js';
import { NOTHING, type Route } from '../route.js';

/** Bybit's symbols: capital letters and digits, with a dash in dated contracts. */
const symbolField = z.string().regex(/^[A-Z0-9-]{3,30}$/).meta({ description: 'symbol as the exchange writes it, for example BTCUSDT', example: 'BTCUSDT' });
const quantityField = z.string().regex(/^(?=.*[1-9])\d{1,18}(\.\d{1,18})?$/).transform((text) => toDecimalString(text))
  .meta({ description: 'decimal text above zero, base coin; absent: the whole position', example: '0.01', type: 'string', pattern: String.raw`^(?=.*[1-9])\d{1,18}(\.\d{1,18})?$` });

export function closePositionRoute(dependencies: ApiDependencies): Route {
  return defineOrder({
    path: '/api/v1/positions/{symbol}/close',
    summary: 'Close a position, or a part of it, at the market',
    role: 'operator',
    what: 'positions.close',
    params: z.strictObject({ symbol: symbolField }),
    body: z.strictObject({ qty: quantityField.optional() }),
    order: ({ params: { symbol }, body: { qty } }) => ({ verb: 'close_position', symbol, qty: qty ?? null }),
  }, dependencies);
}

export function closeAllRoute(dependencies: ApiDependencies): Route {
  return defineOrder({
    path: '/api/v1/positions/close-all',
    summary: 'Close every position at the market',
    role: 'operator',
    what: 'positions.close_all',
    body: NOTHING,
    order: () => ({ verb: 'close_all' }),
  }, dependencies);
}

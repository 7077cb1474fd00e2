/** Plain values that the tests of the core start from. */
import type { Candle } from '../../../core/market/candle.js';
import type { Instrument } from '../../../core/market/instrument.js';
import { intervalMs, type Interval } from '../../../core/market/interval.js';
import { toDecimalString, type DecimalString } from '../../../core/money/decimal.js';
import type { Execution, Order, Position } from '../../../core/orders/order.js';

export const d = (text: string | number): DecimalString => toDecimalString(String(text));

/** 2026-01-05 00:00 UTC */
export const MONDAY_MS = Date.UTC(2026, 0, 5);

/** Candles that close at the given prices, each opening at the close before, with a little room around. */
export function candlesClosing(closes: readonly number[], options: { symbol?: string; interval?: Interval; startMs?: number } = {}): Candle[] {
  const { symbol = 'BTCUSDT', interval = '15', startMs = MONDAY_MS } = options;
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    return {
      symbol, interval, startMs: startMs + index * intervalMs(interval),
      open: d(open), high: d(Math.max(open, close)), low: d(Math.min(open, close)), close: d(close), volume: d('1'), turnover: d(close),
    };
  });
}

/** BTCUSDT as Bybit lists it. */
export const BTC: Instrument = {
  symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading',
  tickSize: d('0.1'), qtyStep: d('0.001'), minOrderQty: d('0.001'), maxOrderQty: d('1190'), maxMarketOrderQty: d('500'),
  minNotional: d('5'), minLeverage: d('1'), maxLeverage: d('100'), leverageStep: d('0.01'), fundingIntervalMinutes: 480,
  priceLimitRatioX: d('0.05'), priceLimitRatioY: d('0.1'),
};

export function positionOf(fields: Partial<Position> = {}): Position {
  return {
    symbol: 'BTCUSDT', side: 'Buy', size: d('0.5'), avgPrice: d('60000'), markPrice: d('60000'), leverage: d('2'), liquidationPrice: d('0'),
    stopLoss: d('59000'), takeProfit: d('0'), unrealisedPnl: d('0'), positionValue: d('30000'), updatedMs: MONDAY_MS, ...fields,
  };
}

export function orderOf(fields: Partial<Order> = {}): Order {
  return {
    orderId: 'o-1', orderLinkId: '', parentOrderLinkId: '', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', status: 'Untriggered',
    stopOrderType: 'StopLoss', createType: 'CreateByStopLoss', cancelType: '', rejectReason: '', qty: d('0.5'), price: d('0'),
    triggerPrice: d('59000'), stopLoss: d('0'), takeProfit: d('0'), cumExecQty: d('0'), cumExecValue: d('0'), cumExecFee: d('0'),
    avgPrice: d('0'), reduceOnly: true, createdMs: MONDAY_MS, updatedMs: MONDAY_MS, ...fields,
  };
}

export function executionOf(fields: Partial<Execution> = {}): Execution {
  const { price = d('60000'), qty = d('0.5') } = fields;
  return {
    execId: 'e-1', execType: 'Trade', orderId: 'o-1', orderLinkId: '', symbol: 'BTCUSDT', side: 'Buy', stopOrderType: '', createType: 'CreateByUser',
    price, qty, value: d('0'), fee: d('0'), feeRate: d('0.00055'), isMaker: false, closedSize: d('0'), markPrice: price,
    execMs: MONDAY_MS, seq: 1, ...fields,
  };
}

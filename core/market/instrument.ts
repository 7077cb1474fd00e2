/** Trading rules of one USDT perpetual, as Bybit's `GET /v5/market/instruments-info` states them. */
import type { DecimalString } from '../money/decimal.js';

export interface Instrument {
  symbol: string;
  baseCoin: string;
  quoteCoin: string;
  status: string;
  tickSize: DecimalString;
  qtyStep: DecimalString;
  minOrderQty: DecimalString;
  maxOrderQty: DecimalString;
  maxMarketOrderQty: DecimalString;
  /** USDT */
  minNotional: DecimalString;
  minLeverage: DecimalString;
  maxLeverage: DecimalString;
  leverageStep: DecimalString;
  fundingIntervalMinutes: number;
  /** Price band ratios of the exchange (riskParameters.priceLimitRatioX / Y). */
  priceLimitRatioX: DecimalString;
  priceLimitRatioY: DecimalString;
}

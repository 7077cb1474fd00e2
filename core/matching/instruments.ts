/**
 * Trading rules of the symbols that the simulated exchange lists, as Bybit's instruments-info states them. BTCUSDT is
 * Bybit's documented sample; steps of the others are the common ones and match the grid of the recorded data.
 */
import { toDecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';

type Rules = readonly [symbol: string, tick: string, step: string, min: string, max: string, maxMarket: string, maxLeverage: string];

const RULES: readonly Rules[] = [
  ['BTCUSDT', '0.10', '0.001', '0.001', '1190', '500', '100'],
  ['ETHUSDT', '0.01', '0.01', '0.01', '7240', '4000', '100'],
  ['SOLUSDT', '0.010', '0.1', '0.1', '79770', '16000', '100'],
  ['XRPUSDT', '0.0001', '0.1', '0.1', '4500000', '1200000', '75'],
  ['DOGEUSDT', '0.00001', '1', '1', '38500000', '9500000', '75'],
  ['BNBUSDT', '0.10', '0.01', '0.01', '14000', '2800', '75'],
  ['ADAUSDT', '0.0001', '1', '1', '7140000', '2000000', '75'],
  ['LINKUSDT', '0.001', '0.1', '0.1', '390000', '75000', '50'],
  ['AVAXUSDT', '0.001', '0.1', '0.1', '170000', '32000', '50'],
  ['LTCUSDT', '0.01', '0.1', '0.1', '45000', '7000', '50'],
];

export const INSTRUMENTS: readonly Instrument[] = RULES.map(instrumentOf);

export function instrumentFor(symbol: string): Instrument | undefined {
  return INSTRUMENTS.find((instrument) => instrument.symbol === symbol);
}

function instrumentOf([symbol, tick, step, min, max, maxMarket, maxLeverage]: Rules): Instrument {
  return {
    symbol,
    baseCoin: symbol.slice(0, -'USDT'.length),
    quoteCoin: 'USDT',
    status: 'Trading',
    tickSize: toDecimalString(tick),
    qtyStep: toDecimalString(step),
    minOrderQty: toDecimalString(min),
    maxOrderQty: toDecimalString(max),
    maxMarketOrderQty: toDecimalString(maxMarket),
    minNotional: toDecimalString('5'),
    minLeverage: toDecimalString('1'),
    maxLeverage: toDecimalString(maxLeverage),
    leverageStep: toDecimalString('0.01'),
    fundingIntervalMinutes: 480,
    priceLimitRatioX: toDecimalString('0.01'),
    priceLimitRatioY: toDecimalString('0.02'),
  };
}

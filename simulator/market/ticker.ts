/** The ticker of a played market: prices of the engine, statistics of the last 24 hours from its candles. */
import { Decimal, ZERO, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Instrument } from '../../core/market/instrument.js';
import type { MarketPrices } from '../../core/matching/contract.js';
import type { Bar } from './candle-series.js';
import type { TickerFields } from './public-market.js';

export interface TickerInput {
  prices: MarketPrices;
  instrument: Instrument;
  /** the last 24 hours, newest first */
  hours: readonly Bar[];
  fundingRate: DecimalString;
  nextFundingMs: number;
  bid: DecimalString;
  ask: DecimalString;
  size: DecimalString;
}

/** Open interest is not recorded: a day's volume stands for it. */
export function tickerOf(input: TickerInput): TickerFields {
  const { prices, hours } = input;
  const last = new Decimal(prices.lastPrice);
  const dayAgo = hours.at(-1)?.open ?? prices.lastPrice;
  const volume = Decimal.sum(ZERO, ...hours.map((bar) => bar.volume));
  const turnover = Decimal.sum(ZERO, ...hours.map((bar) => bar.turnover));
  return {
    lastPrice: prices.lastPrice, indexPrice: prices.indexPrice, markPrice: prices.markPrice, prevPrice24h: dayAgo,
    price24hPcnt: toDecimalString(last.minus(dayAgo).div(dayAgo).toDecimalPlaces(6)),
    highPrice24h: toDecimalString(Decimal.max(last, ...hours.map((bar) => bar.high))),
    lowPrice24h: toDecimalString(Decimal.min(last, ...hours.map((bar) => bar.low))),
    prevPrice1h: hours[0]?.open ?? prices.lastPrice, openInterest: toDecimalString(volume),
    openInterestValue: toDecimalString(volume.times(prices.markPrice).toDecimalPlaces(2)), singleOpenInterest: toDecimalString(volume),
    singleOpenInterestValue: toDecimalString(volume.times(prices.markPrice).toDecimalPlaces(2)),
    turnover24h: toDecimalString(turnover.toDecimalPlaces(4)), volume24h: toDecimalString(volume), fundingRate: input.fundingRate,
    nextFundingTime: String(input.nextFundingMs), predictedDeliveryPrice: '', basisRate: '', basis: '', deliveryFeeRate: '', deliveryTime: '0',
    ask1Size: input.size, bid1Price: input.bid, ask1Price: input.ask, bid1Size: input.size, preOpenPrice: '', preQty: '',
    curPreListingPhase: '', fundingIntervalHour: String(input.instrument.fundingIntervalMinutes / 60), fundingCap: '0.005', basisRateYear: '',
  };
}

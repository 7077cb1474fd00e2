/** Instruments and risk tiers as Bybit's market endpoints state them. */
import type { RiskTier } from '../../core/matching/contract.js';
import type { Instrument } from '../../core/market/instrument.js';

const LAUNCHED_MS = '1584230400000';

export function restInstrument(instrument: Instrument, symbolId: number): Record<string, unknown> {
  const decimals = instrument.tickSize.split('.')[1]?.length ?? 0;
  return {
    symbol: instrument.symbol, symbolId, contractType: 'LinearPerpetual', status: instrument.status, baseCoin: instrument.baseCoin,
    quoteCoin: instrument.quoteCoin, settleCoin: 'USDT', launchTime: LAUNCHED_MS, deliveryTime: '0', deliveryFeeRate: '', priceScale: String(decimals),
    leverageFilter: { minLeverage: instrument.minLeverage, maxLeverage: instrument.maxLeverage, leverageStep: instrument.leverageStep },
    priceFilter: { minPrice: instrument.tickSize, maxPrice: '1999999', tickSize: instrument.tickSize },
    lotSizeFilter: {
      maxOrderQty: instrument.maxOrderQty, maxMktOrderQty: instrument.maxMarketOrderQty, minOrderQty: instrument.minOrderQty,
      qtyStep: instrument.qtyStep, postOnlyMaxOrderQty: instrument.maxOrderQty, minNotionalValue: instrument.minNotional,
    },
    unifiedMarginTrade: true, fundingInterval: instrument.fundingIntervalMinutes, copyTrading: 'none', upperFundingRate: '0.005',
    lowerFundingRate: '-0.005', displayName: '', isPreListing: false, preListingInfo: null,
    riskParameters: { priceLimitRatioX: instrument.priceLimitRatioX, priceLimitRatioY: instrument.priceLimitRatioY }, symbolType: '',
  };
}

export function restRiskTier(symbol: string, tier: RiskTier): Record<string, unknown> {
  return {
    id: tier.id, symbol, riskLimitValue: tier.riskLimitValue, maintenanceMargin: tier.maintenanceMargin, initialMargin: tier.initialMargin,
    isLowestRisk: tier.id === 1 ? 1 : 0, maxLeverage: tier.maxLeverage, mmDeduction: tier.mmDeduction === '0' ? '' : tier.mmDeduction,
  };
}

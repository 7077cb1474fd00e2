/** The configuration's limits in the words of `core/risk`. */
import type { RiskLimits } from '../core/risk/risk-limits.js';
import type { ExchangeSettings, TradingSettings } from './schema.js';

export function riskLimits({ trading, exchange }: { trading: TradingSettings; exchange: ExchangeSettings }): RiskLimits {
  return {
    maxPositionSize: trading.max_position_size,
    positionSizeUnit: trading.position_size_unit,
    maxPositions: trading.max_positions,
    maxTotalExposurePercent: trading.max_total_exposure_percent,
    maxSymbolExposurePercent: trading.max_symbol_exposure_percent,
    maxDrawdownPercent: trading.max_drawdown_percent,
    dailyLossLimitPercent: trading.daily_loss_limit,
    stopLossPercent: trading.stop_loss_percent,
    maxStopLossPercent: trading.max_stop_loss_percent,
    leverage: trading.leverage,
    cooldownMinutesAfterStop: trading.cooldown_minutes_after_stop,
    maxDecisionAgeMs: trading.stale_after_ms,
    maxPriceDeviationPercent: trading.max_price_deviation_percent,
    slippageReservePercent: trading.slippage_reserve_percent,
    takerFeeRate: exchange.taker_fee_rate,
  };
}

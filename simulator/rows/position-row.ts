/** A position as Bybit's `position/list` (avgPrice) and `position` topic (entryPrice) show it. */
import type { PositionRow } from '../../core/matching/contract.js';

const orEmpty = (amount: string): string => (amount === '0' ? '' : amount);

export function restPosition(position: PositionRow): Record<string, unknown> {
  const isFlat = position.side === 'None';
  return {
    positionIdx: 0, riskId: position.riskId, riskLimitValue: position.riskLimitValue, symbol: position.symbol,
    side: isFlat ? '' : position.side, size: position.size, avgPrice: position.avgPrice, positionValue: isFlat ? '' : position.positionValue,
    tradeMode: 0, positionStatus: position.positionStatus, autoAddMargin: 0, adlRankIndicator: isFlat ? 0 : 2, leverage: position.leverage,
    breakEvenPrice: position.breakEvenPrice, positionBalance: position.positionIM, markPrice: position.markPrice, liqPrice: position.liqPrice,
    bustPrice: position.bustPrice, positionIM: position.positionIM, positionIMByMp: position.positionIM, positionMM: position.positionMM,
    positionMMByMp: position.positionMM, tpslMode: 'Full', takeProfit: orEmpty(position.takeProfit), stopLoss: orEmpty(position.stopLoss),
    trailingStop: '0', sessionAvgPrice: '', delta: '', gamma: '', vega: '', theta: '', unrealisedPnl: isFlat ? '' : position.unrealisedPnl,
    curRealisedPnl: position.curRealisedPnl, cumRealisedPnl: position.cumRealisedPnl, seq: position.seq, isReduceOnly: false,
    mmrSysUpdatedTime: '', leverageSysUpdatedTime: '', createdTime: String(position.createdMs), updatedTime: String(position.updatedMs), openTime: position.openMs,
  };
}

export function streamPosition(position: PositionRow): Record<string, unknown> {
  const { avgPrice, ...row } = restPosition(position);
  return { category: 'linear', ...row, entryPrice: avgPrice };
}

import { describe, expect, it } from 'vitest';
import { executionTimes } from '../../../../core/latency/execution-times.js';
import { toDecimalString, type DecimalString } from '../../../../core/money/decimal.js';
import type { TradeRow, TradeTimings } from '../../../../core/ports/ledger.js';

const d = (text: string): DecimalString => toDecimalString(text);
const HOST_MS = 1_700_000_000_000;

function trade(tradeId: string, timings: Partial<TradeTimings> | null): TradeRow {
  const whole: TradeTimings = { candleCloseMs: HOST_MS, receivedAtMs: HOST_MS + 40, decidedAtMs: HOST_MS + 60, sentAtMs: HOST_MS + 90, acknowledgedAtMs: HOST_MS + 290, filledAtMs: HOST_MS + 300 };
  return {
    tradeId, strategy: 's', symbol: 'BTCUSDT', side: 'Buy', state: 'open', decidedMs: HOST_MS, referencePrice: d('1'), qty: d('1'), leverage: d('1'), stopLoss: d('1'), takeProfit: null, entryPrice: null,
    exitPrice: null, openedMs: null, closedMs: null, exitReason: null, grossPnl: null, fees: null, funding: null, realisedPnl: null, errorCode: null, errorMessage: null, workflowId: `trade-${tradeId}`,
    timings: timings === null ? null : { ...whole, ...timings },
  };
}
const stage = (trades: TradeRow[], name: string) => executionTimes(trades, 5).stages.find((one) => one.name === name)?.percentiles;

describe('execution times', () => {
  it('divide the way from candle to fill into its stages', () => {
    const { stages, measured } = executionTimes([trade('a', {})], 5);
    expect(measured).toBe(1);
    expect(stages.map(({ name, percentiles }) => [name, percentiles?.p50])).toEqual([
      ['candle_to_signal', 40], ['signal_to_decision', 20], ['decision_to_sent', 30], ['sent_to_acknowledged', 200], ['acknowledged_to_filled', 10], ['signal_to_filled', 260],
    ]);
  });

  it('show the slowest trades first, each with the stage that took longest', () => {
    const trades = [trade('quick', {}), trade('slow', { decidedAtMs: HOST_MS + 5_000, sentAtMs: HOST_MS + 5_030, acknowledgedAtMs: HOST_MS + 5_100, filledAtMs: HOST_MS + 5_110 }), trade('slower', { filledAtMs: HOST_MS + 9_000 })];
    expect(executionTimes(trades, 2).slowest.map(({ trade: { tradeId }, slowestStage }) => [tradeId, slowestStage])).toEqual([['slower', 'acknowledged_to_filled'], ['slow', 'signal_to_decision']]);
  });

  it('leave out what was not measured, and trades that have no timings', () => {
    const trades = [trade('old', null), trade('unfilled', { filledAtMs: null }), trade('lost', { sentAtMs: null })];
    const { measured, slowest } = executionTimes(trades, 5);
    expect(measured).toBe(2);
    expect(slowest.map(({ trade: { tradeId } }) => tradeId)).toEqual(['lost']);
    expect(stage(trades, 'sent_to_acknowledged')?.count).toBe(1);
    expect(executionTimes([], 5)).toMatchObject({ measured: 0, slowest: [] });
  });

  it('do not compare the clock of a replayed market with that of the host', () => {
    expect(stage([trade('replayed', { candleCloseMs: Date.UTC(2024, 0, 1) })], 'candle_to_signal')).toBeNull();
  });

  it('take a fill that was seen before its acknowledgement as immediate, and a clock that was set back as unknown', () => {
    expect(stage([trade('eager', { filledAtMs: HOST_MS + 280 })], 'acknowledged_to_filled')).toMatchObject({ max: 0 });
    expect(stage([trade('set back', { filledAtMs: HOST_MS - 60_000 })], 'acknowledged_to_filled')).toBeNull();
  });
});

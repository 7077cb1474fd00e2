import { describe, expect, it } from 'vitest';
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import { botStateFrom, completed, memoryOf, type BotState } from '../../../../workflows/bot/bot-state.js';
import { aBotState, CLOSE_MS, LIMITS, money } from './states.js';

const strategies = [{ name: 'a', symbol: 'BTCUSDT', interval: '5' as const, enabled: true }];
const recovered = { memory: null, decidedThroughMs: CLOSE_MS, openTrades: [], schedule: { lengthMs: 300_000, overdueCheckMs: 10_000 }, limits: LIMITS, strategies };

describe('the state of the bot', () => {
  it('comes back from its memory in the ledger: who paused it, what was ordered, halt and risk', () => {
    const state = aBotState({
      lifecycle: 'paused', pausedBy: 'max_drawdown', reason: '20009', overrides: { a: false }, halt: { haltId: 'h', atMs: 1, reason: 'storm' }, releasedHaltId: 'g',
      configurationHash: 'abc', risk: { ...initialRiskState(), peakEquity: money('12000'), maxDrawdownHit: true },
    });
    const memory = JSON.parse(JSON.stringify(memoryOf(state))) as ReturnType<typeof memoryOf>;
    const rebuilt = botStateFrom({ ...recovered, memory }, CLOSE_MS);
    expect(memoryOf(rebuilt)).toEqual(memory);
    expect(rebuilt.views).toMatchObject([{ name: 'a', enabled: false, enabledBy: 'operator' }]);
  });

  it('knows at its first start the strategies that are configured', () => {
    expect(botStateFrom(recovered, CLOSE_MS).views).toMatchObject([{ name: 'a', enabled: true, enabledBy: 'configuration', problem: null, verdict: 'not evaluated yet' }]);
  });

  it('is completed when an earlier version carried it over: a pause of then was an operator’s', () => {
    const { pausedBy, receivedAtMs, lastPositions, overrides, forget, halt, releasedHaltId, configurationHash, events, ...earlier } = aBotState({ lifecycle: 'paused', pausedBy: 'operator' });
    const { budgetStartEquity, peakEquity, maxDrawdownHit, ...earlierRisk } = earlier.risk;
    const { maxDrawdownPercent, maxSymbolExposurePercent, ...earlierLimits } = earlier.limits;
    const carried = { ...earlier, risk: earlierRisk, limits: earlierLimits, views: [{ name: 'a', enabled: true }] } as unknown as BotState;
    expect(completed(carried)).toMatchObject({
      pausedBy, receivedAtMs, lastPositions, overrides, forget, halt, releasedHaltId, configurationHash, events,
      risk: { budgetStartEquity, peakEquity, maxDrawdownHit }, limits: { maxDrawdownPercent, maxSymbolExposurePercent },
      views: [{ name: 'a', enabledBy: 'configuration', problem: null }],
    });
  });
});

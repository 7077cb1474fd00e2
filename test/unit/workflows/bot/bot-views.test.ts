import { describe, expect, it } from 'vitest';
import type { StrategyReport } from '../../../../core/trading/boundary-report.js';
import type { Verdict } from '../../../../core/trading/decide-boundary.js';
import { riskOf, statusOf, viewsAfter } from '../../../../workflows/bot/bot-views.js';
import { aWallet } from '../../../support/postgres-facts.js';
import { aBotState, aBotTrade, CLOSE_MS, money } from './states.js';

const reportOf = (name: string): StrategyReport => ({ name, symbol: 'BTCUSDT', interval: '5', enabled: true, enabledBy: 'configuration', finding: { kind: 'not_due' } });
const verdictOf = (strategy: string, signal: Verdict['signal'], message: string): Verdict => ({ strategy, signal, code: null, message, conditions: [] });

describe('the status of the bot', () => {
  it.each([
    { lifecycle: 'running', blockedBecause: null, tradingActive: true },
    { lifecycle: 'running', blockedBecause: 'the ledger is behind', tradingActive: false },
    { lifecycle: 'paused', blockedBecause: null, tradingActive: false },
    { lifecycle: 'starting', blockedBecause: null, tradingActive: false },
  ] as const)('says whether entries are made: $lifecycle, blocked because $blockedBecause', ({ tradingActive, ...given }) => {
    expect(statusOf(aBotState(given))).toMatchObject({ tradingActive, blockedBecause: given.blockedBecause ?? undefined });
  });

  it('lists open trades without what only the bot needs', () => {
    const { tradeId, strategy, symbol, side, state } = aBotTrade();
    expect(statusOf(aBotState({ trades: [aBotTrade()] })).openTrades).toEqual([{ tradeId, strategy, symbol, side, state }]);
  });

  it('knows no equity before the exchange was asked', () => {
    expect(statusOf(aBotState()).lastEquity).toBeUndefined();
    expect(statusOf(aBotState({ lastWallet: aWallet() })).lastEquity).toBe('10000.12');
  });
});

describe('the view of the risk', () => {
  it('has the day’s result in decimals, and none before the first equity', () => {
    const risk = { ...aBotState().risk, dayStartMs: CLOSE_MS, dayStartEquity: money('10000.3') };
    expect(riskOf(aBotState({ risk, lastWallet: aWallet() }))).toMatchObject({ dayPnl: '-0.18', dayStartEquity: '10000.3', openPositions: 0, maxPositions: 3 });
    expect(riskOf(aBotState()).dayPnl).toBeUndefined();
  });
});

describe('the views of the strategies', () => {
  const seen = { closeMs: CLOSE_MS, reports: [reportOf('a'), reportOf('b')], verdicts: [verdictOf('a', 'hold', 'conditions not met'), verdictOf('b', 'not_due', 'no candle of its interval closed')] };

  it('show the newest word, and of one that was never due the reason', () => {
    expect(viewsAfter([], seen)).toMatchObject([
      { name: 'a', lastSignal: 'hold', verdict: 'conditions not met', lastEvaluatedMs: CLOSE_MS },
      { name: 'b', lastSignal: 'not_due', verdict: 'no candle of its interval closed' },
    ]);
  });

  it('keep what a strategy last said while it is not due', () => {
    const before = viewsAfter([], { ...seen, verdicts: [verdictOf('b', 'exit', 'the price fell')] });
    expect(viewsAfter(before, { ...seen, closeMs: CLOSE_MS + 300_000 })[1]).toMatchObject({ lastSignal: 'exit', verdict: 'the price fell', lastEvaluatedMs: CLOSE_MS });
  });

  it('forget a strategy that is no longer configured', () => {
    expect(viewsAfter(viewsAfter([], seen), { ...seen, reports: [reportOf('b')] }).map(({ name }) => name)).toEqual(['b']);
  });
});

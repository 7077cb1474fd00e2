import { describe, expect, it } from 'vitest';
import type { BoundaryReport, StrategyFinding, StrategyReport } from '../../../../core/trading/boundary-report.js';
import { decideBoundary, type BoundaryInput, type StrategyTrade } from '../../../../core/trading/decide-boundary.js';
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import type { Wallet } from '../../../../core/orders/order.js';
import { BTC, d, positionOf } from '../samples.js';
import { LIMITS, NOON_MS } from '../risk/entry-samples.js';

const wallet: Wallet = { equity: d(10_000), walletBalance: d(10_000), available: d(10_000), unrealisedPnl: d(0), initialMargin: d(0), maintenanceMargin: d(0), asOfMs: NOON_MS };
const buySignal: StrategyFinding = { kind: 'signal', signal: { kind: 'enter', side: 'Buy', referencePrice: d(60_000), conditions: [] } };
const exitSignal: StrategyFinding = { kind: 'signal', signal: { kind: 'exit', reason: 'crossed back', conditions: [] } };

function strategy(name: string, symbol: string, finding: StrategyFinding): StrategyReport {
  return { name, symbol, interval: '15', enabled: true, enabledBy: 'configuration', finding };
}

function reportOf(strategies: StrategyReport[], changes: Partial<BoundaryReport> = {}): BoundaryReport {
  const symbols = Object.fromEntries(strategies.map(({ symbol }) => [symbol, { instrument: { ...BTC, symbol }, ticker: { lastPrice: d(60_000), markPrice: d(60_000) }, nowMs: NOON_MS }]));
  return { wallet, positions: [], openOrders: [], ledger: { kind: 'level' }, latch: null, limits: LIMITS, schedule: { lengthMs: 900_000, overdueCheckMs: 10_000 }, strategies, symbols, ...changes };
}

function inputOf(report: BoundaryReport, changes: Partial<BoundaryInput> = {}): BoundaryInput {
  return { closeMs: NOON_MS, lifecycle: 'running', report, wallet, agreement: { kind: 'agreed' }, risk: initialRiskState(), trades: [], acted: [], ...changes };
}

const openTrade: StrategyTrade = { tradeId: 't-1', strategy: 'a', symbol: 'BTCUSDT', side: 'Buy', qty: d('0.5'), state: 'open' };

describe('a decision at a boundary', () => {
  it('lets every strategy see the room that earlier ones reserved', () => {
    const report = reportOf(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol, index) => strategy(`s${index}`, symbol, buySignal)));
    const decision = decideBoundary(inputOf({ ...report, limits: { ...LIMITS, maxPositions: 2 } }));
    expect(decision.actions.map(({ strategy: name }) => name)).toEqual(['s0', 's1']);
    expect(decision.verdicts[2]).toMatchObject({ strategy: 's2', code: 20005 });
    expect(Object.keys(decision.risk.exposures)).toHaveLength(2);
  });

  it('sizes by the first wallet of the boundary, whatever the account says later', () => {
    const first = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal)])));
    const later = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal)], { wallet: { ...wallet, equity: d(5_000) } })));
    expect(later.actions).toEqual(first.actions);
  });

  it('makes no entry while exchange, ledger and bot disagree, and says why', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal)]), { agreement: { kind: 'unknown', because: 'the ledger is behind' } }));
    expect(decision.actions).toEqual([]);
    expect(decision.verdicts[0]?.message).toContain('the ledger is behind');
  });

  it('exits although they disagree', () => {
    const report = reportOf([strategy('a', 'BTCUSDT', exitSignal)], { positions: [positionOf()] });
    const decision = decideBoundary(inputOf(report, { trades: [openTrade], agreement: { kind: 'unknown', because: 'the ledger is behind' } }));
    expect(decision.actions).toEqual([{ kind: 'exit', strategy: 'a', tradeId: 't-1', reason: 'crossed back' }]);
  });

  it.each(['paused', 'running'] as const)('exits while %s, but not once stopped', (lifecycle) => {
    const report = reportOf([strategy('a', 'BTCUSDT', exitSignal)], { positions: [positionOf()] });
    expect(decideBoundary(inputOf(report, { trades: [openTrade], lifecycle })).actions).toHaveLength(1);
    expect(decideBoundary(inputOf(report, { trades: [openTrade], lifecycle: 'stopped' })).actions).toHaveLength(0);
  });

  it('leaves a trade alone whose position the exchange no longer shows', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', exitSignal)]), { trades: [openTrade] }));
    expect(decision.actions).toEqual([]);
    expect(decision.verdicts[0]?.message).toContain('no position');
  });

  it('lets a strategy act at most once per boundary', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal)]), { acted: ['a'] }));
    expect(decision.actions).toEqual([]);
    expect(decision.verdicts[0]?.message).toContain('already');
  });

  it('refuses an entry without a price with 40001', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal)], { symbols: {} })));
    expect(decision.verdicts[0]).toMatchObject({ signal: 'enter', code: 40001 });
  });

  it('follows neither of two strategies that want opposite sides of one symbol (20010)', () => {
    const sellSignal: StrategyFinding = { kind: 'signal', signal: { kind: 'enter', side: 'Sell', referencePrice: d(60_000), conditions: [] } };
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal), strategy('b', 'BTCUSDT', sellSignal), strategy('c', 'ETHUSDT', buySignal)])));
    expect(decision.actions.map(({ strategy: name }) => name)).toEqual(['c']);
    expect(decision.verdicts).toMatchObject([{ code: 20010, message: expect.stringContaining('by b') }, { code: 20010, message: expect.stringContaining('by a') }, { code: null }]);
  });

  it('lets the first of two in that want the same side of one symbol, and refuses the second with 20010', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', buySignal), strategy('b', 'BTCUSDT', buySignal)])));
    expect(decision.actions.map(({ strategy: name }) => name)).toEqual(['a']);
    expect(decision.verdicts[1]).toMatchObject({ code: 20010 });
  });

  it('makes no entry for a disabled strategy, which may exit what it holds', () => {
    const disabled = (finding: StrategyFinding): StrategyReport => ({ ...strategy('a', 'BTCUSDT', finding), enabled: false, enabledBy: 'operator' });
    expect(decideBoundary(inputOf(reportOf([disabled(buySignal)]))).verdicts[0]).toMatchObject({ code: 20009, message: expect.stringContaining('disabled') });
    const exit = decideBoundary(inputOf(reportOf([disabled(exitSignal)], { positions: [positionOf()] }), { trades: [openTrade] }));
    expect(exit.actions).toHaveLength(1);
  });

  it('passes on what kept a strategy from being evaluated', () => {
    const decision = decideBoundary(inputOf(reportOf([strategy('a', 'BTCUSDT', { kind: 'problem', code: 40005, message: 'only 3 of 20 candles' })])));
    expect(decision.verdicts[0]).toMatchObject({ signal: 'problem', code: 40005, message: 'only 3 of 20 candles' });
  });
});

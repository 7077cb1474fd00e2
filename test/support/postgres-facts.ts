/** Plausible facts for ledger tests; each takes what the test is about and fills in the rest. */
import type { RunbookRun } from '../../core/runbooks/run.js';
import fc from 'fast-check';
import type { Candle } from '../../core/market/candle.js';
import { toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Execution, Order, Position, Wallet } from '../../core/orders/order.js';
import type { DecisionRow, TradeRow } from '../../core/ports/ledger.js';

export const T0 = Date.UTC(2024, 0, 31, 12, 0, 0, 123);
export const money = (text: string): DecimalString => toDecimalString(text);

/** Signed decimals of up to 18 digits before and 18 behind the point. */
export const anyMoney: fc.Arbitrary<DecimalString> = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 36n }), fc.integer({ min: 0, max: 18 }))
  .map(([negative, digits, places]) => {
    const text = digits.toString().padStart(places + 1, '0');
    const plain = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
    return toDecimalString(negative ? `-${plain}` : plain);
  });

export function aCandle(given: Partial<Candle> = {}): Candle {
  return {
    symbol: 'BTCUSDT', interval: '1', startMs: Math.floor(T0 / 60_000) * 60_000, open: money('42000.1'), high: money('42100'),
    low: money('41900.5'), close: money('42050'), volume: money('12.345'), turnover: money('518765.43210987'), ...given,
  };
}

export function anExecution(given: Partial<Execution> = {}): Execution {
  return {
    execId: 'exec-1', execType: 'Trade', orderId: 'order-1', orderLinkId: 'BTCUSDT-s9x-abcd-e0', symbol: 'BTCUSDT', side: 'Buy',
    stopOrderType: '', createType: 'CreateByUser', price: money('42050'), qty: money('0.012'), value: money('504.6'), fee: money('0.27753'),
    feeRate: money('0.00055'), isMaker: false, closedSize: money('0'), markPrice: money('42049.9'), execMs: T0, seq: 9_007_199_254_740_991, ...given,
  };
}

export function aFundingPayment(given: Partial<Execution> = {}): Execution {
  return anExecution({ execId: 'funding-1', execType: 'Funding', orderId: '', orderLinkId: '', fee: money('-0.0504'), feeRate: money('-0.0001'), ...given });
}

export function anOrder(given: Partial<Order> = {}): Order {
  return {
    orderId: 'order-1', orderLinkId: 'BTCUSDT-s9x-abcd-e0', parentOrderLinkId: '', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', status: 'New',
    stopOrderType: '', createType: 'CreateByUser', cancelType: '', rejectReason: '', qty: money('0.012'), price: money('0'), triggerPrice: money('0'),
    stopLoss: money('41000'), takeProfit: money('0'), cumExecQty: money('0'), cumExecValue: money('0'), cumExecFee: money('0'), avgPrice: money('0'),
    reduceOnly: false, createdMs: T0, updatedMs: T0, ...given,
  };
}

export function aPosition(given: Partial<Position> = {}): Position {
  return {
    symbol: 'BTCUSDT', side: 'Buy', size: money('0.012'), avgPrice: money('42050'), markPrice: money('42060'), leverage: money('2'),
    liquidationPrice: money('21500'), stopLoss: money('41000'), takeProfit: money('0'), unrealisedPnl: money('0.12'), positionValue: money('504.6'),
    updatedMs: T0, ...given,
  };
}

export function aWallet(given: Partial<Wallet> = {}): Wallet {
  return {
    equity: money('10000.12'), walletBalance: money('10000'), available: money('9747.7'), unrealisedPnl: money('0.12'),
    initialMargin: money('252.3'), maintenanceMargin: money('2.52'), asOfMs: T0, ...given,
  };
}

export function aTrade(given: Partial<TradeRow> = {}): TradeRow {
  return {
    tradeId: 'BTCUSDT-s9x-abcd', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', state: 'intended', decidedMs: T0,
    referencePrice: money('42050'), qty: money('0.012'), leverage: money('2'), stopLoss: money('41000'), takeProfit: null, entryPrice: null,
    exitPrice: null, openedMs: null, closedMs: null, exitReason: null, grossPnl: null, fees: null, funding: null, realisedPnl: null,
    errorCode: null, errorMessage: null, workflowId: 'trade-BTCUSDT-s9x-abcd', timings: null, ...given,
  };
}

export function aClosedTrade(given: Partial<TradeRow> = {}): TradeRow {
  return aTrade({
    state: 'closed', entryPrice: money('42050'), exitPrice: money('42500'), openedMs: T0 + 60, closedMs: T0 + 3_600_000, exitReason: 'signal',
    grossPnl: money('5.4'), fees: money('0.558'), funding: money('-0.01'), realisedPnl: money('4.852'), ...given,
  });
}

export function aDecision(given: Partial<DecisionRow> = {}): DecisionRow {
  return { decidedThroughMs: T0, lifecycle: 'running', evaluations: [{ strategy: 'sma_cross_eth', signal: 'hold' }], wallet: aWallet(), ...given };
}

/** A run of a runbook that has come to its end. */
export function aRun(changes: Partial<RunbookRun> = {}): RunbookRun {
  return {
    workflowId: 'saveState-save', runId: '01a20bb5-85b3-723f-877e-b2320d2fda4c', runbook: 'saveState', params: { kind: 'save' }, planId: null, reason: 'upgrade', actor: 'operator', state: 'completed',
    steps: [{ name: 'save the state', state: 'done', startedMs: T0, endedMs: T0 + 500, attempt: 1, result: 'state/state-1.json' }],
    result: { state: 'completed', outcome: 'the state is saved', code: null, remaining: [], figures: { bytes: 100 } }, startedMs: T0, endedMs: T0 + 1_000, revision: 4, ...changes,
  };
}

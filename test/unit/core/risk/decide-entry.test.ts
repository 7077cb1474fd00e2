import { describe, expect, it } from 'vitest';
import { decideEntry } from '../../../../core/risk/decide-entry.js';
import type { Approval, EntryInput, EntryRule } from '../../../../core/risk/entry-verdict.js';
import { dec } from '../../../../core/money/decimal.js';
import { tradeReserved } from '../../../../core/risk/risk-state.js';
import { BTC, d, positionOf } from '../samples.js';
import { HOUR_MS, LIMITS, NOON_MS, longBtc, shortBtc } from './entry-samples.js';

function approved(input: EntryInput): Approval {
  const verdict = decideEntry(input);
  if (verdict.kind === 'refused') throw new Error(`${verdict.rule}: ${verdict.message}`);
  return verdict;
}

function expectRefusal(input: EntryInput, expected: { rule: EntryRule; code: number; says: RegExp }): void {
  const verdict = decideEntry(input);
  expect(verdict).toMatchObject({ kind: 'refused', rule: expected.rule, code: expected.code, message: expect.stringMatching(expected.says) });
}

const withLimits = (changes: Partial<typeof LIMITS>): Partial<EntryInput> => ({ limits: { ...LIMITS, ...changes } });

describe('an approved entry', () => {
  it('is sized by percent of equity at the worst entry price, rounded down to the lot step', () => {
    // 20% of 10000 = 2000 USDT; worst price 60000 × 1.005 = 60300; 2000 / 60300 = 0.03316…
    expect(approved(longBtc()).order.qty).toBe('0.033');
  });

  it('is sized in USDT or in base coin when the unit says so', () => {
    expect(approved(longBtc(withLimits({ positionSizeUnit: 'usdt', maxPositionSize: d('603') }))).order.qty).toBe('0.01');
    expect(approved(longBtc(withLimits({ positionSizeUnit: 'base', maxPositionSize: d('0.0129') }))).order.qty).toBe('0.012');
  });

  it('carries ids made of the decision, so that deciding it again gives the same order', () => {
    const { order } = approved(longBtc());
    expect(order.orderLinkId).toBe(`${order.tradeId}-e0`);
    expect(approved(longBtc({ nowMs: NOON_MS + 5_000 })).order).toEqual(order);
  });

  it('has its stop below a long and above a short, at the configured percentage of the decision\'s price', () => {
    expect(approved(longBtc()).order).toMatchObject({ side: 'Buy', stopLoss: '58800' });
    expect(approved(shortBtc()).order).toMatchObject({ side: 'Sell', stopLoss: '61200' });
  });

  it('takes stop and target of the strategy when it names them, both rounded towards the entry', () => {
    const signal = { kind: 'enter', side: 'Buy', referencePrice: d('60000.3'), stopLossPercent: d('1.111'), takeProfitPercent: d('2.222'), conditions: [] } as const;
    // stop 60000.3 × 0.98889 = 59333.696… → 59333.7; target 60000.3 × 1.02222 = 61333.506… → 61333.5
    expect(approved(longBtc({ signal: { ...signal, conditions: [] } })).order).toMatchObject({ stopLoss: '59333.7', takeProfit: '61333.5' });
  });

  it('lowers the leverage to what the instrument allows, and to its step', () => {
    const instrument = { ...BTC, maxLeverage: d('12.5'), leverageStep: d('0.5') };
    expect(approved(longBtc({ instrument, ...withLimits({ leverage: d('25') }) })).order.leverage).toBe('12.5');
    expect(approved(longBtc({ instrument, ...withLimits({ leverage: d('2.7') }) })).order.leverage).toBe('2.5');
  });

  it('is never larger than the largest market order of the exchange', () => {
    const instrument = { ...BTC, maxMarketOrderQty: d('0.02') };
    expect(approved(longBtc({ instrument })).order.qty).toBe('0.02');
  });

  it('returns the state with its room reserved', () => {
    const verdict = decideEntry(longBtc());
    const { order } = approved(longBtc());
    expect(verdict.state.exposures[order.tradeId]).toMatchObject({ symbol: 'BTCUSDT', strategy: 'mean_reversion_btc', settledMs: null });
  });

  it('states the loss at the stop with both fees, from the worst price of its side', () => {
    const { order, riskAtStop } = approved(longBtc());
    const worst = dec(order.qty).times(60300 - 58800).plus(dec(order.qty).times(60300 + 58800).times('0.00055'));
    expect(riskAtStop).toBe(worst.toFixed());
  });
});

describe('an entry is refused with the numbers', () => {
  it.each(['starting', 'paused', 'stopped'] as const)('while the bot is %s', (lifecycle) => {
    expectRefusal(longBtc({ lifecycle }), { rule: 'lifecycle', code: 20009, says: new RegExp(lifecycle) });
  });

  it('until exchange and bot agree, naming every difference', () => {
    const differences = [{ kind: 'size_differs' as const, symbol: 'ETHUSDT', detail: 'the trade holds 1, the exchange 2' }];
    expectRefusal(longBtc({ agreement: { kind: 'differs', differences } }), { rule: 'agreement', code: 20009, says: /ETHUSDT size_differs.*holds 1, the exchange 2/ });
    expectRefusal(longBtc({ agreement: { kind: 'unknown', because: 'no reply' } }), { rule: 'agreement', code: 20009, says: /no reply/ });
  });

  it('when the candle is too old, or from the future', () => {
    expect(decideEntry(longBtc({ nowMs: NOON_MS + 60_000 })).kind).toBe('approved');
    expectRefusal(longBtc({ nowMs: NOON_MS + 60_001 }), { rule: 'fresh_data', code: 40001, says: /60001 ms ago.*60000 ms/ });
    expectRefusal(longBtc({ nowMs: NOON_MS - 1 }), { rule: 'fresh_data', code: 40002, says: /after the exchange's time/ });
  });

  it('for a symbol that is not listed or not trading', () => {
    expectRefusal(longBtc({ instrument: undefined }), { rule: 'instrument', code: 20002, says: /does not list BTCUSDT/ });
    expectRefusal(longBtc({ instrument: { ...BTC, status: 'Settling' } }), { rule: 'instrument', code: 20004, says: /Settling/ });
  });

  it('once the day has lost its limit, also after equity recovered, until the next UTC day', () => {
    const lost = decideEntry(longBtc({ wallet: { equity: d('9500'), available: d('9500'), asOfMs: NOON_MS } }));
    expect(lost).toMatchObject({ kind: 'refused', rule: 'daily_loss_limit', code: 10010, message: expect.stringContaining('-500 USDT of 10000') });
    expectRefusal(longBtc({ state: lost.state }), { rule: 'daily_loss_limit', code: 10010, says: /next UTC day/ });
    const tomorrow = NOON_MS + 24 * HOUR_MS;
    expect(decideEntry(longBtc({ state: lost.state, decidedMs: tomorrow, nowMs: tomorrow })).kind).toBe('approved');
  });

  it('during the cooldown of its symbol, to the millisecond', () => {
    const state = { ...longBtc().state, cooldownUntilMs: { BTCUSDT: NOON_MS + 30_000 } };
    expectRefusal(longBtc({ state, nowMs: NOON_MS + 29_999 }), { rule: 'cooldown', code: 20009, says: /another 1 minutes/ });
    expect(decideEntry(longBtc({ state, nowMs: NOON_MS + 30_000 })).kind).toBe('approved');
  });

  it('when its symbol is held by another trade, or by a position nobody told us of', () => {
    const state = decideEntry(longBtc({ strategy: 'sma_cross_eth' })).state;
    expectRefusal(longBtc({ state }), { rule: 'one_position_per_symbol', code: 20010, says: /held by trade .* of sma_cross_eth/ });
    expectRefusal(longBtc({ positions: [positionOf({ size: d('0.7') })] }), { rule: 'one_position_per_symbol', code: 20010, says: /0\.7/ });
  });

  it('when the number of positions is reached, those only reserved included', () => {
    const one = decideEntry(longBtc()).state;
    const input = longBtc({ state: one, symbol: 'ETHUSDT', instrument: { ...BTC, symbol: 'ETHUSDT' }, ...withLimits({ maxPositions: 1 }) });
    expectRefusal(input, { rule: 'max_positions', code: 20005, says: /1 positions.*limit is 1/ });
  });

  it('when the market has left the decision\'s price, or trades outside the exchange\'s band', () => {
    expectRefusal(longBtc({ ticker: { lastPrice: d('60601'), markPrice: d('60601') } }), { rule: 'price_sanity', code: 20008, says: /1\.0017%.*limit is 1%/ });
    expectRefusal(longBtc({ ticker: { lastPrice: d('60000'), markPrice: d('57000') } }), { rule: 'price_sanity', code: 20008, says: /band is 5%/ });
    expectRefusal(longBtc({ ticker: { lastPrice: d('0'), markPrice: d('60000') } }), { rule: 'price_sanity', code: 20008, says: /above zero/ });
  });

  it('without a stop that makes sense: too wide, zero, below one tick, or passed already', () => {
    const signal = longBtc().signal;
    expectRefusal(longBtc({ signal: { ...signal, stopLossPercent: d('20.1') } }), { rule: 'stop_required', code: 20009, says: /20\.1%.*20%/ });
    expectRefusal(longBtc({ signal: { ...signal, stopLossPercent: d('0') } }), { rule: 'stop_required', code: 20009, says: /0%/ });
    expectRefusal(longBtc({ signal: { ...signal, stopLossPercent: d('0.0001') } }), { rule: 'stop_required', code: 20008, says: /tick 0\.1/ });
    const falling = { lastPrice: d('59600'), markPrice: d('59600') };
    expectRefusal(longBtc({ signal: { ...signal, stopLossPercent: d('0.5') }, ticker: falling }), { rule: 'stop_required', code: 20008, says: /passed the stop 59700/ });
  });

  it('with a target that the market has reached already', () => {
    const signal = { ...longBtc().signal, takeProfitPercent: d('0.5') };
    expectRefusal(longBtc({ signal, ticker: { lastPrice: d('60300'), markPrice: d('60300') } }), { rule: 'take_profit', code: 20008, says: /0\.5%/ });
  });

  it('when the size is below the exchange\'s minimum quantity or notional', () => {
    expectRefusal(longBtc(withLimits({ maxPositionSize: d('0.5') })), { rule: 'order_size', code: 20003, says: /minimum is 0\.001/ });
    expectRefusal(longBtc({ instrument: { ...BTC, minNotional: d('5000') } }), { rule: 'order_size', code: 20003, says: /minimum is 5000 USDT/ });
  });

  it('when all positions together would pass the exposure cap, at what they are worth now', () => {
    const eth = positionOf({ symbol: 'ETHUSDT', positionValue: d('13100') });
    expectRefusal(longBtc({ positions: [eth] }), { rule: 'max_total_exposure', code: 20005, says: /13100 USDT held.*cap of 15000/ });
    expect(decideEntry(longBtc({ positions: [positionOf({ symbol: 'ETHUSDT', positionValue: d('13000') })] })).kind).toBe('approved');
  });

  it('when one symbol would hold more than its cap', () => {
    expectRefusal(longBtc(withLimits({ maxSymbolExposurePercent: d('10') })), { rule: 'max_symbol_exposure', code: 20005, says: /cap of 1000 USDT/ });
  });

  it('when the exchange demands more leverage than was asked for', () => {
    expectRefusal(longBtc({ instrument: { ...BTC, minLeverage: d('3') } }), { rule: 'leverage', code: 20009, says: /at least 3/ });
  });

  it('at the maximum drawdown, and from there on also once equity has recovered', () => {
    const peak = { ...longBtc().state, dayStartEquity: d('8000'), peakEquity: d('10000') };
    const deep = longBtc({ state: peak, wallet: { equity: d('8000'), available: d('8000'), asOfMs: NOON_MS } });
    expectRefusal(deep, { rule: 'max_drawdown', code: 20009, says: /20\.00% below its peak of 10000/ });
    expectRefusal(longBtc({ state: decideEntry(deep).state }), { rule: 'max_drawdown', code: 20009, says: /holds until an operator resumes/ });
  });

  it('when every stop hit together would lose more than the day may', () => {
    const exposure = { tradeId: 't', strategy: 's', symbol: 'ETHUSDT', side: 'Buy', notional: d('1000'), margin: d('500'), riskAtStop: d('480'), settledMs: 1 } as const;
    const state = tradeReserved(longBtc().state, exposure);
    expectRefusal(longBtc({ state }), { rule: 'daily_loss_budget', code: 10010, says: /480 USDT are at risk.*500 USDT may still be lost/ });
  });

  it('without enough free margin, counting what is promised to entries under way', () => {
    const wallet = { equity: d('10000'), available: d('1500'), asOfMs: NOON_MS };
    expect(decideEntry(longBtc({ wallet })).kind).toBe('approved');
    const exposure = { tradeId: 't', strategy: 's', symbol: 'ETHUSDT', side: 'Buy', notional: d('1000'), margin: d('800'), riskAtStop: d('20'), settledMs: null } as const;
    expectRefusal(longBtc({ wallet, state: tradeReserved(longBtc().state, exposure) }), { rule: 'margin', code: 20001, says: /800 promised/ });
    const settled = tradeReserved(longBtc().state, { ...exposure, settledMs: NOON_MS });
    expect(decideEntry(longBtc({ wallet, state: settled })).kind).toBe('approved');
  });
});

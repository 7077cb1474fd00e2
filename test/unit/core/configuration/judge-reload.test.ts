import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, isReloadable } from '../../../../core/configuration/changes.js';
import { judgeReload, type ReloadInput } from '../../../../core/configuration/judge-reload.js';
import type { ConfigurationVersion } from '../../../../core/ports/configuration.js';

const BTC = { name: 'scalper_btc', enabled: true, parameters: { symbol: 'BTCUSDT', period: 14 } };
const ETH = { name: 'trend_eth', enabled: true, parameters: { symbol: 'ETHUSDT', period: 50 } };
const DOCUMENT = {
  mode: 'paper', trading: { max_positions: 3, leverage: 2, stop_loss_percent: 2 }, strategies: [BTC, ETH],
  exchange: { request_timeout_ms: 5_000, taker_fee_rate: 0.00055 }, feed: { overdue_check_ms: 10_000 },
};

function version(document: Record<string, unknown> = DOCUMENT, strategyFiles: ConfigurationVersion['strategyFiles'] = {}): ConfigurationVersion {
  return { hash: 'of no interest here', document, strategyFiles };
}
const withStrategies = (...strategies: object[]): ConfigurationVersion => version({ ...DOCUMENT, strategies });
const judged = (after: ConfigurationVersion, more: Partial<ReloadInput> = {}) => judgeReload({ before: version(), after, processSettings: { before: {}, after: {} }, openTrades: [], ...more });

describe('the changes between two configurations', () => {
  it('name each field with its value before and after', () => {
    const after = version({ ...DOCUMENT, trading: { ...DOCUMENT.trading, leverage: 3 }, strategies: [{ ...BTC, parameters: { symbol: 'BTCUSDT', period: 21, target: 4 } }, ETH] });
    expect(changesBetween(version(), after)).toEqual([
      { field: 'trading.leverage', before: 2, after: 3 },
      { field: 'strategies.scalper_btc.parameters.period', before: 14, after: 21 },
      { field: 'strategies.scalper_btc.parameters.target', before: null, after: 4 },
    ]);
  });

  it('are one for a strategy that comes, goes, or is asked in another order', () => {
    const { name, ...rest } = ETH;
    expect(changesBetween(version(), withStrategies(BTC))).toEqual([{ field: `strategies.${name}`, before: rest, after: null }]);
    expect(changesBetween(withStrategies(BTC), version())).toEqual([{ field: `strategies.${name}`, before: null, after: rest }]);
    expect(changesBetween(version(), withStrategies(ETH, BTC))).toEqual([{ field: 'strategies', before: ['scalper_btc', 'trend_eth'], after: ['trend_eth', 'scalper_btc'] }]);
  });

  it('show that a strategy\'s own file is another one', () => {
    const file = (sha256: string) => ({ trend_eth: { sha256, symbol: 'ETHUSDT', interval: '60' as const } });
    expect(changesBetween(version(DOCUMENT, file('a')), version(DOCUMENT, file('b')))).toEqual([{ field: 'strategies.trend_eth.file_sha256', before: 'a', after: 'b' }]);
  });

  it('are none between a configuration and itself, and turned around they are the same fields', () => {
    const documents = fc.record({
      trading: fc.dictionary(fc.constantFrom('leverage', 'max_positions'), fc.integer()),
      strategies: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), enabled: fc.boolean(), parameters: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer()) }), { selector: ({ name }) => name }),
    });
    fc.assert(fc.property(documents, documents, (one, other) => {
      expect(changesBetween(version(one), version(one))).toEqual([]);
      const there = changesBetween(version(one), version(other));
      const back = changesBetween(version(other), version(one));
      expect(back.map(({ field }) => field).sort()).toEqual(there.map(({ field }) => field).sort());
      expect(there.length === 0).toBe(isDeepStrictEqual(one, other));
    }));
  });
});

describe('a reload', () => {
  it('takes over limits, strategies, the feed and the fee, and says nothing more', () => {
    const after = version({ ...DOCUMENT, trading: { ...DOCUMENT.trading, leverage: 3 }, feed: { overdue_check_ms: 1 }, exchange: { ...DOCUMENT.exchange, taker_fee_rate: 0.001 }, strategies: [ETH] });
    expect(judged(after)).toMatchObject({ findings: [], warnings: [] });
  });

  it('is refused for what only a restart applies, field by field, the settings of this process included', () => {
    const after = version({ ...DOCUMENT, mode: 'live', exchange: { ...DOCUMENT.exchange, request_timeout_ms: 1 } });
    const processSettings = { before: { api: { tokens: [] } }, after: { api: { tokens: [{ name: 'eve' }] } } };
    const { findings } = judged(after, { processSettings });
    expect(findings.map(({ field }) => field)).toEqual(['mode', 'exchange.request_timeout_ms', 'api.tokens']);
    expect(findings[0]).toEqual({ field: 'mode', problem: 'changed, and takes effect only at a restart', fix: 'restart the bot, or set mode back to reload the rest' });
  });

  it('counts a section that nobody told it of as needing a restart', () => {
    expect(isReloadable('something.new')).toBe(false);
    expect(isReloadable('tradings.leverage')).toBe(false);
  });

  it('warns of a strategy that goes, or is disabled, while it holds a trade', () => {
    const openTrades = [{ strategy: 'trend_eth', symbol: 'ETHUSDT' }];
    expect(judged(withStrategies(BTC), { openTrades }).warnings).toEqual([expect.stringMatching(/^trend_eth is removed .*keeps its stop on the exchange.*POST \/api\/v1\/positions\/ETHUSDT\/close/)]);
    expect(judged(withStrategies(BTC, { ...ETH, enabled: false }), { openTrades }).warnings).toEqual([expect.stringMatching(/^trend_eth is disabled .*signals still exit/)]);
    expect(judged(withStrategies(BTC), { openTrades: [{ strategy: 'scalper_btc', symbol: 'BTCUSDT' }] }).warnings).toEqual([]);
  });

  it('moves no strategy to another symbol under its open trade, also one that names its symbol in code', () => {
    const openTrades = [{ strategy: 'trend_eth', symbol: 'ETHUSDT' }];
    const moved = withStrategies(BTC, { ...ETH, parameters: { symbol: 'SOLUSDT' } });
    expect(judged(moved, { openTrades }).findings).toMatchObject([{ field: 'strategies.trend_eth.parameters.symbol', problem: 'cannot change to SOLUSDT while trend_eth holds a position in ETHUSDT' }]);
    expect(judged(moved).findings).toEqual([]);
    const inCode = (symbol: string) => version(DOCUMENT, { trend_eth: { sha256: symbol, symbol, interval: '60' } });
    expect(judged(inCode('SOLUSDT'), { before: inCode('ETHUSDT'), openTrades }).findings).toHaveLength(1);
  });

  it('says which limits concern new trades only, and when there are more trades than it allows', () => {
    const after = version({ ...DOCUMENT, trading: { max_positions: 1, leverage: 5, stop_loss_percent: 2 } });
    const openTrades = [{ strategy: 'trend_eth', symbol: 'ETHUSDT' }, { strategy: 'scalper_btc', symbol: 'BTCUSDT' }];
    expect(judged(after, { openTrades }).warnings).toEqual([
      'trading.leverage: for new trades; those that are open keep what they were opened with',
      '2 trades are open and trading.max_positions is 1 now: they stay, and nothing new is opened until there is room',
    ]);
  });
});

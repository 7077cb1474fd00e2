/** The guide's "Bot stops trading unexpectedly": each of its causes is found, with numbers, and with the call that helps. */
import { describe, expect, it } from 'vitest';
import { concerning, diagnose } from '../../../../core/diagnosis/diagnose.js';
import type { DiagnosisInput } from '../../../../core/diagnosis/facts.js';
import { CAUSES, type Cause, type DiagnosisFinding } from '../../../../core/diagnosis/finding.js';
import { d, MONDAY_MS } from '../samples.js';
import { API, CALM, healthy, holding, LIMITS, NOON_MS, RUNNING, seriesOf } from './facts-of-a-healthy-bot.js';

function theFinding(cause: Cause, change: Partial<DiagnosisInput>): DiagnosisFinding {
  const found = diagnose(healthy(change)).findings.filter((finding) => finding.cause === cause);
  expect(found).toHaveLength(1);
  return found[0] as DiagnosisFinding;
}

describe('a bot that may trade', () => {
  it('waits for its conditions, and names for each strategy the value that was seen and the one that is wanted', () => {
    const { verdict, summary, findings } = diagnose(healthy());
    expect({ verdict, summary }).toEqual({ verdict: 'waiting', summary: 'nothing keeps the bot from trading; 2 strategies wait for their conditions' });
    expect(findings.map(({ cause, strategies }) => [cause, ...strategies])).toEqual([['conditions_not_met', 'mean_reversion_btc'], ['conditions_not_met', 'sma_cross_eth']]);
    expect(findings[0]?.message).toBe('mean_reversion_btc holds, as of the BTCUSDT 15 candle of 2026-01-05T12:00:00.000Z: RSI(14) is 45.2, wanted below 30');
  });

  it('that has seen no candle yet says for which it waits', () => {
    expect(theFinding('conditions_not_met', { strategies: [holding({ lastEvaluatedMs: 0, conditions: [] })] }).message).toContain('no candle of BTCUSDT 15 has closed');
  });
});

describe('risk limits', () => {
  it('that were hit for the day name result, start equity, reset time and the call', () => {
    const risk = { ...CALM, dailyLossLimitHit: true, dayPnl: d('-501'), dayLossBudget: d('-1') };
    expect(theFinding('risk_limits', { risk })).toEqual({
      cause: 'risk_limits', weight: 'blocking', code: 10010, strategies: [],
      message: "the daily loss limit of 5% is reached: the day's result is -501 USDT of 10000 USDT at the start of the day",
      remedy: expect.stringContaining('wait until 2026-01-06T00:00:00.000Z') as string,
      call: `curl -X POST ${API}/api/v1/risk/reset-daily-limits -d '{"reason":"why a further loss is acceptable"}'`,
    });
  });

  it('of the drawdown name the peak', () => {
    expect(theFinding('risk_limits', { risk: { ...CALM, maxDrawdownHit: true, drawdownPercent: d('20.5') } }).message).toContain('20.5% below its peak of 10000 USDT');
  });

  it('that close a gate of one strategy limit that one; of all, they block, and are told once', () => {
    const closed = { rule: 'max_positions', passes: false, code: 20005 as const, message: '3 positions are open; the limit is 3', remedy: null };
    const [first, second] = CALM.strategies;
    const one = theFinding('risk_limits', { risk: { ...CALM, strategies: [{ strategy: first?.strategy ?? '', gates: [closed] }, ...(second ? [second] : [])] } });
    expect(one).toMatchObject({ weight: 'limiting', strategies: ['mean_reversion_btc'], code: 20005 });
    const all = theFinding('risk_limits', { risk: { ...CALM, strategies: CALM.strategies.map(({ strategy }) => ({ strategy, gates: [closed] })) } });
    expect(all).toMatchObject({ weight: 'blocking', strategies: [], message: closed.message });
  });

  it.each([
    ['a gate names a call as its remedy', 'POST /api/v1/risk/reset-daily-limits', `curl -X POST ${API}/api/v1/risk/reset-daily-limits`],
    ['it names none', 'wait 12 minutes', `curl ${API}/api/v1/risk/debug`],
  ])('when %s, the call is ready for a shell', (_what, remedy, call) => {
    const gates = [{ rule: 'cooldown', passes: false, code: 20009 as const, message: 'BTCUSDT cools down', remedy }];
    expect(theFinding('risk_limits', { risk: { ...CALM, strategies: [{ strategy: 'mean_reversion_btc', gates }] } })).toMatchObject({ remedy, call });
  });

  it.each([[20001, 'margin', 'insufficient_balance'], [20003, 'order_size', 'insufficient_balance'], [40001, 'fresh_data', 'market_data'], [20004, 'instrument', 'market_data'], [20010, 'one_position_per_symbol', 'position_open']] as const)(
    'with code %i of rule %s are called %s', (code, rule, cause) => {
      const gates = [{ rule, passes: false, code, message: 'no', remedy: null }];
      expect(theFinding(cause, { risk: { ...CALM, strategies: [{ strategy: 'mean_reversion_btc', gates }, { strategy: 'sma_cross_eth', gates: [] }] } }).strategies).toEqual(['mean_reversion_btc']);
    });
});

describe('balance', () => {
  it('that cannot carry the next position is insufficient, with both amounts', () => {
    const finding = theFinding('insufficient_balance', { wallet: { equity: d('10000'), available: d('2499.99') } });
    expect(finding).toMatchObject({ code: 20001, weight: 'blocking', message: '2499.99 USDT are available of 10000 USDT equity; the next position needs about 2500.00 USDT of margin (max_position_size at leverage 2)', call: `curl ${API}/api/v1/account/balance` });
  });

  it.each([['usdt', '5000', '2499', true], ['usdt', '5000', '2500', false], ['base', '1', '0', true], ['base', '1', '1', false], ['percent', '50', '2500', false]] as const)(
    'with size unit %s of %s and %s available: short is %s', (positionSizeUnit, size, available, isShort) => {
      const limits = { ...LIMITS, positionSizeUnit, maxPositionSize: d(size) };
      const { findings } = diagnose(healthy({ risk: { ...CALM, limits }, wallet: { equity: d('5000'), available: d(available) } }));
      expect(findings.some(({ cause }) => cause === 'insufficient_balance')).toBe(positionSizeUnit === 'percent' ? false : isShort);
    });

  it('is told once when a gate tells it too', () => {
    const gates = [{ rule: 'margin', passes: false, code: 20001 as const, message: 'the entry needs 2500 USDT', remedy: null }];
    theFinding('insufficient_balance', { wallet: { equity: d('10000'), available: d('1') }, risk: { ...CALM, strategies: [{ strategy: 'mean_reversion_btc', gates }] } });
  });
});

describe('market data', () => {
  it('that is late names the newest candle and how many are missing', () => {
    const series = [seriesOf({ state: 'late', newestCloseMs: NOON_MS - 45 * 60_000, ageMs: 2_760_000 }), seriesOf({ symbol: 'ETHUSDT', strategies: ['sma_cross_eth'] })];
    expect(theFinding('market_data', { series })).toMatchObject({
      code: 40006, weight: 'limiting', strategies: ['mean_reversion_btc'], message: 'BTCUSDT 15: the newest candle closed at 2026-01-05T11:15:00.000Z, 2760 s ago; 3 are missing', call: `curl ${API}/api/v1/data/debug`,
    });
  });

  it('that is absent in every series blocks all', () => {
    const { verdict, findings } = diagnose(healthy({ series: [seriesOf({ state: 'empty', newestCloseMs: null, ageMs: null })] }));
    expect(verdict).toBe('blocked');
    expect(findings[0]).toMatchObject({ cause: 'market_data', code: 40001, strategies: [] });
  });

  it('with holes tells the first, and that a restart reads the candles anew', () => {
    const gaps = [{ code: 40005 as const, kind: 'gap' as const, symbol: 'BTCUSDT', atMs: NOON_MS, detail: '2 candles are missing before it' }];
    expect(theFinding('market_data', { series: [seriesOf({ gaps }), seriesOf()] })).toMatchObject({ code: 40005, weight: 'explaining', remedy: expect.stringContaining('restart') as string });
  });

  it('that a strategy could not be evaluated with offers to restart exactly that strategy', () => {
    const problem = { code: 40005 as const, message: '12 candles were given where the strategy needs 40' };
    expect(theFinding('market_data', { strategies: [holding({ problem })] })).toMatchObject({ message: `mean_reversion_btc could not be evaluated: ${problem.message}`, call: `curl -X POST ${API}/api/v1/strategies/restart -d '{"strategy_name":"mean_reversion_btc"}'` });
  });
});

describe('the state of the bot', () => {
  it.each([['paused', 'news at eight'], ['stopped', 'holiday']] as const)('%s is told with its reason and how to resume', (lifecycle, reason) => {
    const finding = theFinding(lifecycle, { bot: { ...RUNNING, lifecycle, reason } });
    expect(finding).toMatchObject({ weight: 'blocking', message: expect.stringContaining(`since 2026-01-05T00:00:00.000Z: ${reason}`) as string, call: expect.stringContaining(`curl -X POST ${API}/api/v1/bot/resume`) as string });
  });

  it('starting says what it waits for', () => {
    expect(theFinding('starting', { bot: { ...RUNNING, lifecycle: 'starting', blockedBecause: 'the exchange does not answer' } }).message).toContain(': the exchange does not answer');
  });

  it('running but blocked repeats why', () => {
    expect(theFinding('disagreement', { bot: { ...RUNNING, blockedBecause: 'BTCUSDT position_unknown: 0.5' } }).message).toContain('BTCUSDT position_unknown: 0.5');
  });

  it('halted comes first and carries the halt id in the call that releases it', () => {
    const diagnosis = diagnose(healthy({ bot: { ...RUNNING, lifecycle: 'stopped', reason: 'halt' }, risk: { ...CALM, halt: { haltId: 'halt-1', atMs: MONDAY_MS, reason: "it's on fire" } } }));
    expect(diagnosis.findings[0]).toMatchObject({ cause: 'halted', code: 10009, call: expect.stringContaining('"halt_id":"halt-1"') as string });
    expect(diagnosis.summary).toMatch(/^no entry is possible: the emergency stop halt-1/);
  });

  it('unknown, because parts are away, is a finding for each of them', () => {
    const missing = [{ name: 'trading_worker', detail: 'no worker polls its queue' }, { name: 'postgres', detail: 'does not answer (10003)' }];
    const { verdict, findings } = diagnose({ apiUrl: API, missing, bot: null, risk: null, strategies: null, wallet: null, series: null });
    expect(verdict).toBe('blocked');
    expect(findings.map(({ cause, message }) => [cause, message])).toEqual([
      ['dependency', 'trading worker is away: no worker polls its queue'], ['dependency', 'postgres is away: does not answer (10003)'],
    ]);
  });
});

describe('strategies', () => {
  it('that the configuration leaves out are no cause while others run, and the cause when all are', () => {
    const off = holding({ enabled: false });
    expect(diagnose(healthy({ strategies: [off, holding({ name: 'b' })] })).findings.map(({ cause }) => cause)).not.toContain('strategy_disabled');
    expect(theFinding('strategy_disabled', { strategies: [off] })).toMatchObject({ weight: 'blocking', call: expect.stringContaining('/strategies/mean_reversion_btc/enable') as string });
  });

  it('that an operator disabled are always told', () => {
    const { verdict, findings } = diagnose(healthy({ strategies: [holding({ enabled: false, enabledBy: 'operator' }), holding({ name: 'b' })] }));
    expect(verdict).toBe('limited');
    expect(findings[0]).toMatchObject({ cause: 'strategy_disabled', strategies: ['mean_reversion_btc'] });
  });

  it('that throw are to be restarted', () => {
    expect(theFinding('strategy_failed', { strategies: [holding({ problem: { code: 10008, message: 'boom' } })] }).code).toBe(10008);
  });
});

describe('all causes at once', () => {
  const everything = diagnose(healthy({
    missing: [{ name: 'postgres', detail: 'away' }], bot: { ...RUNNING, lifecycle: 'paused', reason: 'r' }, wallet: { equity: d('100'), available: d('0') },
    risk: { ...CALM, dailyLossLimitHit: true }, series: [seriesOf({ state: 'late' })],
  }));

  it('are told in the order of their weight', () => {
    const order = everything.findings.map(({ cause }) => CAUSES.indexOf(cause));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(everything.findings.map(({ cause }) => cause))).toEqual(new Set(['dependency', 'risk_limits', 'paused', 'market_data', 'insufficient_balance', 'conditions_not_met']));
  });

  it('and an endpoint shows its own part with whatever blocks everything', () => {
    expect(concerning(everything, ['conditions_not_met']).map(({ cause }) => cause)).toEqual(['dependency', 'risk_limits', 'paused', 'market_data', 'insufficient_balance', 'conditions_not_met', 'conditions_not_met']);
    expect(concerning(diagnose(healthy()), ['risk_limits'])).toEqual([]);
  });
});

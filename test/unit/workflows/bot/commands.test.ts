import { describe, expect, it } from 'vitest';
import { initialRiskState } from '../../../../core/risk/risk-state.js';
import { COMMANDS_REMEMBERED_MAX, type BotState } from '../../../../workflows/bot/bot-state.js';
import { followLimits } from '../../../../workflows/bot/commands.js';
import { obeyLatch } from '../../../../workflows/bot/notice.js';
import { Orders, type AnyCommand } from '../../../../workflows/bot/orders.js';
import { TradeDesk } from '../../../../workflows/bot/trade-desk.js';
import type { BotOrder } from '../../../../workflows/messages.js';
import { aWallet } from '../../../support/postgres-facts.js';
import { aBotState, CLOSE_MS, money } from './states.js';

let requests = 0;
type Order = BotOrder | { verb: 'pause' | 'resume' | 'stop' };

function given(state: BotState) {
  const orders = new Orders(state, new TradeDesk(state));
  return (order: Order, request: { requestId?: string; reason?: string } = {}) =>
    orders.obey({ ...order, requestId: `r${(requests += 1)}`, reason: 'because', actor: 'operator', ...request });
}

describe('pause, resume and stop', () => {
  it('change lifecycle, reason and instant, and say that they did', async () => {
    const state = aBotState();
    expect(await given(state)({ verb: 'pause' }, { reason: 'lunch' })).toEqual({ lifecycle: 'paused', changed: true, detail: 'the bot is paused now', workflowIds: [] });
    expect(state).toMatchObject({ lifecycle: 'paused', pausedBy: 'operator', reason: 'lunch (operator)' });
    expect(state.sinceMs).toBeGreaterThan(CLOSE_MS);
  });

  it('for the state the bot is in change nothing but the reason: whoever pauses last holds the pause', async () => {
    const state = aBotState({ lifecycle: 'paused', pausedBy: 'operator', reason: 'first', sinceMs: 1 });
    expect(await given(state)({ verb: 'pause' })).toMatchObject({ lifecycle: 'paused', changed: false });
    expect(state).toMatchObject({ reason: 'because (operator)', sinceMs: 1 });
  });

  it('without a reason say so', async () => {
    const state = aBotState();
    await given(state)({ verb: 'stop' }, { reason: '' });
    expect(state.reason).toBe('no reason given (operator)');
  });
});

describe('a command to the bot', () => {
  it('with a request id that was seen gets the first answer and does nothing, whatever came between', async () => {
    const state = aBotState();
    const order = given(state);
    const first = await order({ verb: 'pause' }, { requestId: '1' });
    await order({ verb: 'resume' }, { requestId: '2' });
    expect(await order({ verb: 'pause' }, { requestId: '1' })).toEqual(first);
    expect(await order({ verb: 'stop' }, { requestId: '1' })).toEqual(first);
    expect(state.lifecycle).toBe('running');
  });

  it('is remembered among the newest only, so that the state cannot grow', async () => {
    const state = aBotState();
    const order = given(state);
    for (let number = 0; number <= COMMANDS_REMEMBERED_MAX; number += 1) await order({ verb: number % 2 ? 'resume' : 'pause' }, { requestId: String(number) });
    expect(state.commands).toHaveLength(COMMANDS_REMEMBERED_MAX);
    expect(state.commands[0]?.requestId).toBe('1');
    expect(state.commands.at(-1)?.requestId).toBe(String(COMMANDS_REMEMBERED_MAX));
  });

  it('that cannot be is refused with code, message and fix, and may be sent again', async () => {
    const state = aBotState();
    const refusal = given(state)({ verb: 'disable_strategy', strategy: 'nobody' }, { requestId: 'x' });
    await expect(refusal).rejects.toMatchObject({ type: 'BotError', nonRetryable: true, details: [{ code: 10008, message: 'there is no strategy nobody', fix: expect.stringContaining('mean_reversion_btc') }] });
    expect(state.commands).toEqual([]);
  });
});

describe('what is no command', () => {
  it.each([undefined, null, {}, 'pause', { verb: 'pause' }, { verb: 'dance', requestId: '1' }, { verb: 'toString', requestId: '1' }, { verb: 'close_position', requestId: '1' }])(
    'is refused and does not stall the bot: %o',
    async (nonsense) => {
      const state = aBotState();
      await expect(new Orders(state, new TradeDesk(state)).obey(nonsense as unknown as AnyCommand)).rejects.toMatchObject({ type: 'BotError' });
    },
  );
});

describe('orders about strategies', () => {
  it('disable one against the configuration until it is enabled again', async () => {
    const state = aBotState();
    const order = given(state);
    expect(await order({ verb: 'disable_strategy', strategy: 'sma_cross_eth' })).toMatchObject({ changed: true });
    expect(state.overrides).toEqual({ sma_cross_eth: false });
    expect(state.views).toContainEqual(expect.objectContaining({ name: 'sma_cross_eth', enabled: false, enabledBy: 'operator' }));
    expect(await order({ verb: 'disable_strategy', strategy: 'sma_cross_eth' })).toMatchObject({ changed: false });
    await order({ verb: 'enable_strategy', strategy: 'sma_cross_eth' });
    expect(state.overrides).toEqual({});
    expect(state.views).toContainEqual(expect.objectContaining({ name: 'sma_cross_eth', enabled: true, enabledBy: 'configuration' }));
  });

  it('never enable two on one symbol', async () => {
    const state = aBotState();
    const order = given(state);
    await expect(order({ verb: 'enable_strategy', strategy: 'second_btc' })).rejects.toMatchObject({ details: [{ code: 20010 }] });
    expect(state.overrides).toEqual({});
    await order({ verb: 'disable_strategy', strategy: 'mean_reversion_btc' });
    expect(await order({ verb: 'enable_strategy', strategy: 'second_btc' })).toMatchObject({ changed: true });
    await expect(order({ verb: 'enable_strategy', strategy: 'mean_reversion_btc' })).rejects.toMatchObject({ details: [{ code: 20010 }] });
  });

  it('restart those that are named, or all, and clear what was wrong with them', async () => {
    const state = aBotState();
    const problem = { code: 10008, message: 'evaluate failed' } as const;
    state.views = state.views.map((view) => ({ ...view, problem }));
    const order = given(state);
    await order({ verb: 'restart_strategies', strategies: ['sma_cross_eth'] });
    expect(state.forget).toEqual(['sma_cross_eth']);
    expect(state.views.map((view) => view.problem)).toEqual([problem, null, problem]);
    await order({ verb: 'restart_strategies', strategies: [] });
    expect(state.forget).toHaveLength(3);
    await expect(order({ verb: 'restart_strategies', strategies: ['nobody'] })).rejects.toMatchObject({ details: [{ code: 10008 }] });
  });
});

describe('a bot that a loss limit has paused', () => {
  const risk = { ...initialRiskState(), dayStartMs: CLOSE_MS, dayStartEquity: money('11000'), peakEquity: money('11000') };
  const pausedBy = (changes: Partial<typeof risk>) => {
    const state = aBotState({ risk: { ...risk, ...changes }, lastWallet: aWallet() });
    followLimits(state, CLOSE_MS);
    return state;
  };

  it('says so with code and numbers', () => {
    const { lifecycle, pausedBy: by, reason } = pausedBy({ dailyLossLimitHit: true });
    expect({ lifecycle, by }).toEqual({ lifecycle: 'paused', by: 'daily_loss_limit' });
    expect(reason).toMatch(/^10010 Daily loss limit exceeded: -999\.88 USDT today of 11000 USDT start equity, the limit is 5%/);
  });

  it('goes on when the daily limits are reset, with a new budget from the present equity, and records it', async () => {
    const state = pausedBy({ dailyLossLimitHit: true });
    const result = await given(state)({ verb: 'reset_daily_limits' }, { requestId: 'reset-1' });
    expect(result).toMatchObject({ lifecycle: 'running', changed: true, detail: expect.stringContaining('10000.12') });
    expect(state.risk).toMatchObject({ dailyLossLimitHit: false, budgetStartEquity: '10000.12', dayStartEquity: '11000' });
    expect(state.events).toMatchObject([{ eventId: 'reset-daily-limits-reset-1', code: null }]);
  });

  it('is not resumed by an operator while the daily limit holds', async () => {
    const state = pausedBy({ dailyLossLimitHit: true });
    expect(await given(state)({ verb: 'resume' })).toMatchObject({ lifecycle: 'paused', changed: false, detail: expect.stringContaining('reset the daily limits') });
    expect(state.pausedBy).toBe('daily_loss_limit');
  });

  it('stays paused over the limit’s end when an operator paused it, too', async () => {
    const state = pausedBy({ dailyLossLimitHit: true });
    expect(await given(state)({ verb: 'pause' })).toMatchObject({ changed: true });
    state.risk = { ...state.risk, dailyLossLimitHit: false };
    followLimits(state, CLOSE_MS);
    expect(state).toMatchObject({ lifecycle: 'paused', pausedBy: 'operator', reason: 'because (operator)' });
  });

  it('goes on after the maximum drawdown when an operator resumes, measured anew; a pause and resume beside it does not acknowledge it', async () => {
    const state = pausedBy({ maxDrawdownHit: true });
    const order = given(state);
    await order({ verb: 'pause' });
    expect(await order({ verb: 'resume' })).toMatchObject({ lifecycle: 'paused', changed: true, detail: expect.stringContaining('resume once more') });
    expect(state).toMatchObject({ pausedBy: 'max_drawdown', risk: { maxDrawdownHit: true } });
    expect(await order({ verb: 'reset_daily_limits' })).toMatchObject({ lifecycle: 'paused' });
    expect(state.risk.maxDrawdownHit).toBe(true);
    expect(await order({ verb: 'resume' })).toMatchObject({ lifecycle: 'running', detail: expect.stringContaining('10000.12') });
    expect(state.risk).toMatchObject({ maxDrawdownHit: false, peakEquity: '10000.12' });
  });

  it('cannot reset what it has not seen', async () => {
    await expect(given(aBotState())({ verb: 'reset_daily_limits' })).rejects.toMatchObject({ details: [{ code: 40001 }] });
  });
});

describe('a halted bot', () => {
  it('is stopped, with the halt’s id and an event, and keeps the first halt', async () => {
    const state = aBotState();
    const order = given(state);
    expect(await order({ verb: 'halt', haltId: 'h1' }, { reason: 'storm' })).toMatchObject({ lifecycle: 'stopped', changed: true });
    expect(await order({ verb: 'halt', haltId: 'h2' })).toMatchObject({ changed: false });
    expect(state).toMatchObject({ lifecycle: 'stopped', halt: { haltId: 'h1', reason: 'storm (operator)' }, events: [{ eventId: 'halt-h1', code: 10009 }] });
  });

  it('is neither resumed nor paused out of it', async () => {
    const state = aBotState();
    const order = given(state);
    await order({ verb: 'halt', haltId: 'h1' });
    await expect(order({ verb: 'resume' })).rejects.toMatchObject({ details: [{ code: 10009 }] });
    expect(await order({ verb: 'pause' })).toMatchObject({ lifecycle: 'stopped', changed: false });
    await expect(order({ verb: 'release', haltId: 'h2' })).rejects.toMatchObject({ details: [{ code: 10009 }] });
    expect(state.halt?.haltId).toBe('h1');
  });

  it('obeys a latch that it was not told of, but not the one it was just released from', () => {
    const state = aBotState({ releasedHaltId: 'h1' });
    obeyLatch(state, { haltId: 'h1', reason: 'storm', actor: 'operator' }, CLOSE_MS);
    expect(state.lifecycle).toBe('running');
    obeyLatch(state, { haltId: 'h2', reason: 'storm', actor: 'operator' }, CLOSE_MS);
    expect(state).toMatchObject({ lifecycle: 'stopped', halt: { haltId: 'h2', atMs: CLOSE_MS } });
  });
});

describe('a new configuration', () => {
  it('is remembered by its hash, and named again changes nothing', async () => {
    const state = aBotState();
    const order = given(state);
    expect(await order({ verb: 'reconfigure', configurationHash: 'abc' })).toMatchObject({ changed: true });
    expect(await order({ verb: 'reconfigure', configurationHash: 'abc' })).toMatchObject({ changed: false });
    expect(state.configurationHash).toBe('abc');
  });
});

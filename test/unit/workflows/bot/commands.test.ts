import { describe, expect, it } from 'vitest';
import { COMMANDS_REMEMBERED_MAX } from '../../../../workflows/bot/bot-state.js';
import { applyCommand } from '../../../../workflows/bot/commands.js';
import { aBotState } from './states.js';

const NOW_MS = 1_700_000_000_000;
const request = (requestId: string, reason = 'because') => ({ requestId, reason, actor: 'operator', nowMs: NOW_MS });

describe('a command to the bot', () => {
  it('changes lifecycle, reason and instant, and says that it did', () => {
    const state = aBotState();
    expect(applyCommand(state, 'paused', request('1', 'lunch'))).toMatchObject({ lifecycle: 'paused', changed: true });
    expect(state).toMatchObject({ lifecycle: 'paused', reason: 'lunch (operator)', sinceMs: NOW_MS });
  });

  it('for the state the bot is in changes nothing, not even the reason', () => {
    const state = aBotState({ lifecycle: 'paused', reason: 'first', sinceMs: 1 });
    expect(applyCommand(state, 'paused', request('1', 'second'))).toMatchObject({ lifecycle: 'paused', changed: false });
    expect(state).toMatchObject({ reason: 'first', sinceMs: 1 });
  });

  it('with a request id that was seen gets the first answer and does nothing, whatever came between', () => {
    const state = aBotState();
    const first = applyCommand(state, 'paused', request('1'));
    applyCommand(state, 'running', request('2'));
    expect(applyCommand(state, 'paused', request('1'))).toEqual(first);
    expect(applyCommand(state, 'stopped', request('1'))).toEqual(first);
    expect(state.lifecycle).toBe('running');
  });

  it('without a reason says so', () => {
    const state = aBotState();
    applyCommand(state, 'stopped', request('1', ''));
    expect(state.reason).toBe('no reason given (operator)');
  });

  it('is remembered among the newest only, so that the state cannot grow', () => {
    const state = aBotState();
    for (let number = 0; number <= COMMANDS_REMEMBERED_MAX; number += 1) applyCommand(state, number % 2 ? 'running' : 'paused', request(String(number)));
    expect(state.commands).toHaveLength(COMMANDS_REMEMBERED_MAX);
    expect(state.commands[0]?.requestId).toBe('1');
    expect(state.commands.at(-1)?.requestId).toBe(String(COMMANDS_REMEMBERED_MAX));
  });
});

/** pause, resume and stop: what they do to the state. A repeated request id gets the first answer again. */
import type { CommandRequest, CommandResult, Lifecycle } from '../messages.js';
import { COMMANDS_REMEMBERED_MAX, type BotState } from './bot-state.js';

export function applyCommand(state: BotState, lifecycle: Exclude<Lifecycle, 'starting'>, request: CommandRequest & { nowMs: number }): CommandResult {
  const known = state.commands.find(({ requestId }) => requestId === request.requestId);
  if (known) return known.result;
  const changed = state.lifecycle !== lifecycle;
  if (changed) {
    state.lifecycle = lifecycle;
    state.reason = `${request.reason || 'no reason given'} (${request.actor})`;
    state.sinceMs = request.nowMs;
  }
  const detail = changed ? `the bot is ${lifecycle} now` : `the bot was ${lifecycle} already`;
  const result: CommandResult = { lifecycle, changed, detail, workflowIds: [] };
  state.commands = [...state.commands, { requestId: request.requestId, result }].slice(-COMMANDS_REMEMBERED_MAX);
  return result;
}

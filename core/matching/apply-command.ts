/**
 * The simulated exchange as a deterministic state machine: one command in, one reply and its events out. No clock, no
 * randomness, no I/O: the same commands on the same state give the identical state, replies and events.
 *
 * A refused command changes nothing. Market commands with impossible values (unknown symbol, price of 0, a step back in
 * time) throw a RangeError: they come from the simulator itself, not from a client.
 */
import type { Applied, ExchangeCommand, Reply, ReplyResult } from './contract.js';
import { deposit, setLeverage, setMarginMode, switchMode } from './account-settings.js';
import { positionRow, walletRow } from './account-view.js';
import { amendOrder } from './amend-order.js';
import { cancelAll, cancelOrder } from './cancel-order.js';
import { symbolOf, type ExchangeState } from './exchange-state.js';
import { applyFundingTick } from './funding.js';
import { placeOrder } from './place-order.js';
import { applyPriceStep } from './price-step.js';
import { watchProtection } from './protection-watch.js';
import { Refused } from './refusals.js';
import { setTradingStop } from './trading-stop.js';
import { startTurn, type Turn } from './turn.js';

/** Changes `state` in place. */
export function applyCommand(state: ExchangeState, command: ExchangeCommand): Applied {
  const turn = startTurn(state, command);
  const reply = replyTo(turn, command);
  finishTurn(turn);
  return { reply, events: turn.events };
}

function replyTo(turn: Turn, command: ExchangeCommand): Reply {
  try {
    return { retCode: 0, retMsg: 'OK', result: perform(turn, command) ?? {} };
  } catch (error) {
    if (error instanceof Refused) return error.reply;
    throw error;
  }
}

function perform(turn: Turn, command: ExchangeCommand): ReplyResult | void {
  switch (command.kind) {
    case 'placeOrder': return placeOrder(turn, command);
    case 'amendOrder': return amendOrder(turn, command);
    case 'cancelOrder': return cancelOrder(turn, command);
    case 'cancelAll': return cancelAll(turn, command);
    case 'setTradingStop': return setTradingStop(turn, command);
    case 'setLeverage': return setLeverage(turn, command);
    case 'switchMode': return switchMode(turn, command);
    case 'setMarginMode': return setMarginMode(command);
    case 'setLimitPriceAction': turn.state.clampLimitPrices = command.modifyEnable; return undefined;
    case 'deposit': return deposit(turn, command);
    case 'priceStep': return applyPriceStep(turn, command);
    case 'fundingTick': return applyFundingTick(turn, command);
  }
}

/** What follows from the changes: the protection record, the position rows, the wallet row. */
function finishTurn(turn: Turn): void {
  for (const name of turn.touched) {
    const symbol = symbolOf(turn.state, name);
    watchProtection(turn.state, symbol, turn.atMs);
    turn.events.push({ kind: 'positionUpdated', position: positionRow(turn.state, symbol) });
  }
  if (turn.walletTouched) turn.events.push({ kind: 'walletUpdated', wallet: walletRow(turn.state, turn.atMs) });
}

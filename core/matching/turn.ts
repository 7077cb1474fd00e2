/** One command at work: the state it changes, its market time, and the events it has caused so far. */
import type { ExchangeEvent } from './contract.js';
import type { ExchangeState } from './exchange-state.js';

export interface Turn {
  state: ExchangeState;
  atMs: number;
  events: ExchangeEvent[];
  /** symbols whose orders or position changed: their position row is sent at the end, as Bybit does */
  touched: Set<string>;
  walletTouched: boolean;
  /** resting orders meet the market only when it moves; on other commands this is false */
  marketMoves: boolean;
  /** resting orders that had their part of this price step already */
  matched: Set<string>;
}

export function startTurn(state: ExchangeState, command: { atMs: number; kind: string }): Turn {
  return {
    state,
    atMs: command.atMs,
    events: [],
    touched: new Set(),
    walletTouched: false,
    marketMoves: command.kind === 'priceStep',
    matched: new Set(),
  };
}

/** Stream handlers that write everything down. */
import type { AccountStreamHandlers, MarketStreamHandlers, StreamState } from '../../../../core/ports/exchange.js';

export interface StreamRecord {
  states: StreamState[];
  failures: Error[];
  /** name of the handler and what it was told */
  events: [string, unknown][];
  handlers: MarketStreamHandlers & AccountStreamHandlers;
}

export function recorder(): StreamRecord {
  const seen = { states: [] as StreamState[], failures: [] as Error[], events: [] as [string, unknown][] };
  const note = (name: string) => (value: unknown): void => { seen.events.push([name, value]); };
  const handlers: MarketStreamHandlers & AccountStreamHandlers = {
    candleClosed: note('candle'), executions: note('executions'), orders: note('orders'), positions: note('positions'), wallet: note('wallet'),
    state: (state) => { seen.states.push(state); },
    failed: (error) => { seen.failures.push(error); },
  };
  return { ...seen, handlers };
}

/** A small trading desk for stories: one exchange, a clock that moves one second a command, short verbs. */
import { applyCommand } from '../../../../core/matching/apply-command.js';
import type { Applied, ExchangeCommand, ExchangeOptions, ExecutionRow, OrderRow, PlaceOrderCommand } from '../../../../core/matching/contract.js';
import { createExchangeState, type ExchangeState } from '../../../../core/matching/exchange-state.js';
import { toDecimalString } from '../../../../core/money/decimal.js';

export const START_MS = Date.UTC(2026, 0, 5);

/** No spread, no impact: fills lie exactly where the story puts them. */
export const FRICTIONLESS: Partial<ExchangeOptions> = { slippage: { halfSpreadTicks: 0, impactRate: toDecimalString('0') } };

type WithoutTime<Command> = Command extends unknown ? Omit<Command, 'atMs'> : never;

export class Desk {
  readonly state: ExchangeState;
  readonly journal: ExchangeCommand[] = [];
  nowMs = START_MS;

  constructor(options: Partial<ExchangeOptions> = FRICTIONLESS) {
    this.state = createExchangeState(options);
  }

  send(command: WithoutTime<ExchangeCommand>): Applied {
    this.nowMs += 1000;
    const timed = { ...command, atMs: this.nowMs };
    this.journal.push(timed);
    return applyCommand(this.state, timed);
  }

  /** last = mark = index; a continuous move unless said otherwise */
  price(symbol: string, price: string, how: { jump?: boolean; volume?: string; mark?: string } = {}): Applied {
    return this.send({
      kind: 'priceStep', symbol, lastPrice: price, markPrice: how.mark ?? price, indexPrice: how.mark ?? price,
      continuous: how.jump !== true, ...(how.volume && { volume: how.volume }),
    });
  }

  order(order: Partial<PlaceOrderCommand> & Pick<PlaceOrderCommand, 'side' | 'qty'>): Applied {
    return this.send({ kind: 'placeOrder', symbol: 'BTCUSDT', orderType: order.price === undefined ? 'Market' : 'Limit', ...order });
  }
}

export function fillsOf(applied: Applied): ExecutionRow[] {
  return applied.events.flatMap((event) => (event.kind === 'execution' ? [event.execution] : []));
}

export function orderUpdatesOf(applied: Applied): OrderRow[] {
  return applied.events.flatMap((event) => (event.kind === 'orderUpdated' ? [event.order] : []));
}

export function statusesOf(applied: Applied, stopOrderType: string): string[] {
  return orderUpdatesOf(applied).filter((order) => order.stopOrderType === stopOrderType).map((order) => order.status);
}

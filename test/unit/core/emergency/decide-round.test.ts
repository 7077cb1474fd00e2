import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closableAtOnce, isSettled, openPositions, ordersToCancel } from '../../../../core/emergency/decide-round.js';
import { increasesRisk } from '../../../../core/orders/increases-risk.js';
import type { Order, Position } from '../../../../core/orders/order.js';
import { d, orderOf, positionOf } from '../samples.js';

const ENTRY = orderOf({ orderId: 'entry', orderType: 'Limit', status: 'New', stopOrderType: '', createType: 'CreateByUser', reduceOnly: false, side: 'Buy' });
const STOP = orderOf({ orderId: 'stop' });
const OWN_TARGET = orderOf({ orderId: 'target', orderType: 'Limit', status: 'New', stopOrderType: '', createType: 'CreateByUser', reduceOnly: true });
const FLAT = positionOf({ side: 'None', size: d('0') });

const orders = fc.array(fc.record({
  orderId: fc.uuid(), reduceOnly: fc.boolean(), stopOrderType: fc.constantFrom('', 'Stop', 'StopLoss', 'TakeProfit'), status: fc.constantFrom('New', 'PartiallyFilled', 'Untriggered', 'Filled', 'Cancelled'),
}).map((fields): Order => orderOf(fields as Partial<Order>)), { maxLength: 8 });
const positions = fc.array(fc.constantFrom(positionOf(), positionOf({ symbol: 'ETHUSDT', side: 'Sell' }), FLAT), { maxLength: 3 });

describe('what an emergency cancels', () => {
  it('is every order that can increase risk, with one request when that takes nothing else along', () => {
    expect(ordersToCancel({ orders: [ENTRY, STOP], positions: [positionOf()] }, { closePositions: false })).toEqual({ kind: 'all', orders: [ENTRY] });
  });

  it('is taken one by one beside a reduce-only order of somebody\'s own, which one request for all would take along', () => {
    expect(ordersToCancel({ orders: [ENTRY, OWN_TARGET], positions: [positionOf()] }, { closePositions: true })).toEqual({ kind: 'some', orders: [ENTRY] });
  });

  it('includes the rest once everything is to be gone and nothing is left to protect', () => {
    expect(ordersToCancel({ orders: [OWN_TARGET], positions: [FLAT] }, { closePositions: true })).toEqual({ kind: 'all', orders: [OWN_TARGET] });
    expect(ordersToCancel({ orders: [OWN_TARGET], positions: [FLAT] }, { closePositions: false })).toEqual({ kind: 'nothing' });
  });

  it('never is protection while a position is open, and always is every open order that increases risk', () => {
    fc.assert(fc.property(orders, positions, fc.boolean(), (open, held, closePositions) => {
      const wanted = ordersToCancel({ orders: open, positions: held }, { closePositions });
      const cancelled = wanted.kind === 'nothing' ? [] : wanted.orders;
      if (openPositions(held).length > 0) expect(cancelled.every(increasesRisk)).toBe(true);
      const risky = open.filter((order) => increasesRisk(order) && ['New', 'PartiallyFilled', 'Untriggered'].includes(order.status));
      expect(risky.every((order) => cancelled.includes(order))).toBe(true);
    }));
  });
});

describe('an emergency is settled', () => {
  it.each<{ what: string; view: { orders: Order[]; positions: Position[] }; closePositions: boolean; settled: boolean }>([
    { what: 'with a protected position that may stay', view: { orders: [STOP], positions: [positionOf()] }, closePositions: false, settled: true },
    { what: 'with a position that was to be closed', view: { orders: [STOP], positions: [positionOf()] }, closePositions: true, settled: false },
    { what: 'with an entry that still rests', view: { orders: [ENTRY], positions: [] }, closePositions: false, settled: false },
    { what: 'flat and without orders', view: { orders: [], positions: [FLAT] }, closePositions: true, settled: true },
    { what: 'flat with an order that is left over', view: { orders: [OWN_TARGET], positions: [FLAT] }, closePositions: true, settled: false },
  ])('or not: $what', ({ view, closePositions, settled }) => {
    expect(isSettled(view, { closePositions })).toBe(settled);
  });
});

it('one market order closes the whole position, or the most that the exchange takes', () => {
  expect(closableAtOnce(d('0.5'), undefined)).toBe('0.5');
  expect(closableAtOnce(d('800'), d('500'))).toBe('500');
  expect(closableAtOnce(d('0.5'), d('0'))).toBe('0.5');
});

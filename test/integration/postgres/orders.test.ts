import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Order } from '../../../core/orders/order.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { anOrder, money, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

/** The life of one order as the exchange reports it; the last two words carry the same ms, as Bybit's do. */
const LIFE: Order[] = [
  anOrder({ status: 'New', updatedMs: T0 }),
  anOrder({ status: 'PartiallyFilled', cumExecQty: money('0.004'), updatedMs: T0 + 3 }),
  anOrder({ status: 'PartiallyFilled', cumExecQty: money('0.01'), updatedMs: T0 + 7 }),
  anOrder({ status: 'Filled', cumExecQty: money('0.012'), avgPrice: money('42051.25'), updatedMs: T0 + 7 }),
];

describe('orders in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from orders');
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it('end at the exchange\'s newest word, in whatever order and however often its words arrive', async () => {
    const arrivals = fc.array(fc.shuffledSubarray(LIFE, { minLength: 1 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.shuffledSubarray(LIFE, { minLength: LIFE.length }), async (batches, all) => {
        await database.query('delete from orders');
        for (const batch of [...batches, all]) await ledger.saveOrders(batch);
        expect(await statusOf('order-1')).toEqual({ status: 'Filled', filled: '0.012', average: '42051.25' });
      }),
      { numRuns: 40 },
    );
  });

  it('are not set back by an older word', async () => {
    await ledger.saveOrders([LIFE[2] ?? anOrder()]);
    await ledger.saveOrders([LIFE[0] ?? anOrder(), LIFE[1] ?? anOrder()]);
    expect(await statusOf('order-1')).toMatchObject({ status: 'PartiallyFilled', filled: '0.01' });
  });

  it('show both orders if the exchange ever held two under one link id', async () => {
    await ledger.saveOrders([anOrder(), anOrder({ orderId: 'order-2' })]);
    const rows = await database.query('select order_id from orders where order_link_id = $1 order by 1', [anOrder().orderLinkId]);
    expect(rows).toEqual([{ order_id: 'order-1' }, { order_id: 'order-2' }]);
  });

  async function statusOf(orderId: string): Promise<unknown> {
    const rows = await database.query('select status, cum_exec_qty::text as filled, avg_price::text as average from orders where order_id = $1', [orderId]);
    return rows[0];
  }
});

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { Decimal } from '../../../core/money/decimal.js';
import type { Execution } from '../../../core/orders/order.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aFundingPayment, anExecution, anyMoney, money, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

describe('executions in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  let secondWriter: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
    secondWriter = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from funding; delete from executions');
  });
  afterAll(async () => {
    await Promise.all([ledger.close(), secondWriter.close()]);
    await database.drop();
  });

  it('stand there once each, in whatever order, batches and repetitions they arrive', async () => {
    const facts = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 }).map((ids) => ids.map(executionNumber));
    const arrivals = facts.chain((all) => fc.tuple(fc.constant(all), fc.array(fc.shuffledSubarray(all, { minLength: 1 }), { maxLength: 5 })));
    await fc.assert(
      fc.asyncProperty(arrivals, async ([all, batches]) => {
        await database.query('delete from funding; delete from executions');
        const counts: number[] = [];
        for (const batch of [...batches, all, [...all].reverse()]) counts.push(await ledger.saveExecutions([...batch, ...batch]));
        const stored = await ledger.executionsOf({ fromMs: 0 });
        expect(stored).toEqual([...all].sort((a, b) => a.execMs - b.execMs));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
      }),
      { numRuns: 30, verbose: fc.VerbosityLevel.Verbose },
    );
  });

  it('carry money through to the last digit, and back', async () => {
    const amounts = fc.record({ price: anyMoney, qty: anyMoney, value: anyMoney, fee: anyMoney, feeRate: anyMoney, closedSize: anyMoney, markPrice: anyMoney });
    await fc.assert(
      fc.asyncProperty(fc.array(amounts, { minLength: 1, maxLength: 50 }), async (all) => {
        const executions = all.map((given, index) => anExecution({ ...given, execId: `exec-${index}`, execMs: T0 + index }));
        await database.query('delete from funding; delete from executions');
        await ledger.saveExecutions(executions);
        expect(await ledger.executionsOf({ fromMs: 0 })).toEqual(executions);
      }),
      { numRuns: 20 },
    );
  });

  it('add up in the database to the same sum as in the program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMoney, { minLength: 1, maxLength: 50 }), async (fees) => {
        await database.query('delete from funding; delete from executions');
        await ledger.saveExecutions(fees.map((fee, index) => ({ ...executionNumber(index), fee })));
        const [row] = await database.query<{ total: string }>('select sum(fee) as total from executions');
        const WideDecimal = Decimal.clone({ precision: 100 });
        const expected = fees.reduce((sum, fee) => sum.plus(fee), new WideDecimal(0));
        expect(new WideDecimal(row?.total ?? 'NaN').equals(expected)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('stand there once each when two writers report the same ones at the same time', async () => {
    const all = Array.from({ length: 400 }, (_, index) => executionNumber(index));
    const counts = await Promise.all([
      ledger.saveExecutions(all), secondWriter.saveExecutions([...all].reverse()),
      ledger.saveExecutions(all.slice(100), 'trade-a'), secondWriter.saveExecutions(all.slice(0, 300).reverse(), 'trade-a'),
    ]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length);
    expect(await ledger.executionsOf({ fromMs: 0 })).toHaveLength(all.length);
    expect(await ledger.executionsOf({ tradeId: 'trade-a', fromMs: 0 })).toHaveLength(all.length);
  });

  it('are attributed to a trade also when the trade is named only later, and then keep it', async () => {
    const fill = anExecution();
    await ledger.saveExecutions([fill]);
    expect(await ledger.executionsOf({ tradeId: 'trade-a', fromMs: 0 })).toEqual([]);
    expect(await ledger.saveExecutions([fill], 'trade-a')).toBe(0);
    await ledger.saveExecutions([fill], 'trade-b');
    expect(await ledger.executionsOf({ tradeId: 'trade-a', fromMs: 0 })).toEqual([fill]);
    expect(await ledger.executionsOf({ tradeId: 'trade-b', fromMs: 0 })).toEqual([]);
  });

  it('of funding stand in the funding table too, with the sign of a cost', async () => {
    await ledger.saveExecutions([anExecution(), aFundingPayment({ fee: money('-0.0504') })]);
    const rows = await database.query('select exec_id, amount::text, funding_rate::text from funding');
    expect(rows).toEqual([{ exec_id: 'funding-1', amount: '-0.0504', funding_rate: '-0.0001' }]);
  });

  it('are refused all together when one of a batch does not fit, with 40008 and no retry', async () => {
    const broken = { ...anExecution({ execId: 'exec-2' }), side: 'Sideways' } as unknown as Execution;
    const attempt = ledger.saveExecutions([anExecution(), broken]);
    await expect(attempt).rejects.toMatchObject({ name: 'BotError', code: 40008, retryable: false, foreignCode: '23514' });
    expect(await ledger.executionsOf({ fromMs: 0 })).toEqual([]);
  });

  it('tell the newest execution, the last trade apart from funding, and the ones of a symbol', async () => {
    expect(await ledger.newestExecutionMs()).toBe(0);
    expect(await ledger.lastTradeMs()).toBeNull();
    const eth = anExecution({ execId: 'exec-eth', symbol: 'ETHUSDT', execMs: T0 + 5 });
    await ledger.saveExecutions([aFundingPayment({ execMs: T0 + 9 }), eth, anExecution()]);
    expect(await ledger.newestExecutionMs()).toBe(T0 + 9);
    expect(await ledger.lastTradeMs()).toBe(T0 + 5);
    expect(await ledger.executionsOf({ symbol: 'ETHUSDT', fromMs: T0 + 5 })).toEqual([eth]);
    expect(await ledger.executionsOf({ symbol: 'ETHUSDT', fromMs: T0 + 6 })).toEqual([]);
  });
});

function executionNumber(index: number): Execution {
  const id = { execId: `exec-${String(index).padStart(4, '0')}`, execMs: T0 + index };
  return index % 7 === 3 ? aFundingPayment(id) : anExecution(id);
}

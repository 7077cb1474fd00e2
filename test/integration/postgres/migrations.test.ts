import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { migrate } from '../../../adapters/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aCandle, aClosedTrade, aDecision, aFundingPayment, anExecution, anOrder, aPosition, aWallet, T0 } from '../../support/postgres-facts.js';
import { silentLogger as logger } from '../../support/silent-logger.js';

const FILES = readdirSync('adapters/postgres/migrations').map((file) => file.replace(/\.sql$/, '')).sort();

describe('migrations', () => {
  let database: TestDatabase;
  let databaseUrl: string;

  beforeEach(async () => {
    database = await createTestDatabase('empty');
    databaseUrl = database.databaseUrl;
  });
  afterEach(async () => {
    await database.drop();
  });

  it('run once each, in the order of their numbers', async () => {
    expect(await migrate({ databaseUrl, logger })).toEqual(FILES);
    expect(await migrate({ databaseUrl, logger })).toEqual([]);
  });

  it('wait for each other when two programs start at once, and run once', async () => {
    const results = await Promise.all([1, 2, 3].map(() => migrate({ databaseUrl, logger })));
    expect(results.flat()).toEqual(FILES);
  });

  it('can be taken back on a filled database and applied again to the same schema', async () => {
    await migrate({ databaseUrl, logger });
    const before = await schema();
    await fill();
    expect(await migrate({ databaseUrl, logger, direction: 'down' })).toEqual([...FILES].reverse());
    expect(await database.query(`select table_name from information_schema.tables where table_schema = 'public' and table_name <> 'schema_migrations'`)).toEqual([]);
    await migrate({ databaseUrl, logger });
    expect(await schema()).toEqual(before);
  });

  it('refuse a database that is newer than the program, and leave it alone', async () => {
    await migrate({ databaseUrl, logger });
    await database.query(`insert into schema_migrations (name, run_on) values ('9999_from_the_future', now())`);
    await expect(migrate({ databaseUrl, logger })).rejects.toMatchObject({
      code: 10003, retryable: false, message: expect.stringContaining('newer than this program: it has the migration 9999_from_the_future') as string,
    });
  });

  it('leave nothing behind when one of their statements fails', async () => {
    await database.query('create table trades (taken boolean)');
    await expect(migrate({ databaseUrl, logger })).rejects.toMatchObject({ code: 40008, message: expect.stringContaining('"trades" already exists') as string });
    expect(await database.query(`select table_name from information_schema.tables where table_schema = 'public' and table_name not in ('schema_migrations', 'trades')`)).toEqual([]);
  });

  async function schema(): Promise<unknown> {
    return database.query(`select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = 'public' and table_name <> 'schema_migrations' order by 1, 2`);
  }

  async function fill(): Promise<void> {
    const ledger = await createPostgresLedger({ databaseUrl, logger });
    await ledger.saveCandles([aCandle()]);
    await ledger.saveExecutions([anExecution(), aFundingPayment()]);
    await ledger.saveOrders([anOrder()]);
    await ledger.savePositions([aPosition()], { asOfMs: T0, complete: true });
    await ledger.saveEquity(aWallet(), 'test');
    await ledger.saveTrade(aClosedTrade());
    await ledger.saveDecision(aDecision());
    await ledger.close();
  }
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';

describe('state documents', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  const names = async (): Promise<string[]> => (await database.query<{ name: string }>('select name from bot_state order by name')).map(({ name }) => name);

  it('of a prefix are forgotten by age and beyond a number, and no others, whatever their names hold', async () => {
    for (const name of ['answer:1', 'answer:2', 'answer:3', 'answer:%', 'answer_1', 'trading-bot']) await ledger.saveState(name, { name });
    await database.query(`update bot_state set updated_at = updated_at - interval '2 days' where name in ('answer:1', 'answer_1', 'trading-bot')`);
    await ledger.forgetStates({ prefix: 'answer:', beforeMs: Date.now() - 86_400_000, keep: 100 });
    expect(await names()).toEqual(['answer:%', 'answer:2', 'answer:3', 'answer_1', 'trading-bot'].sort());
    await database.query(`update bot_state set updated_at = updated_at - interval '1 hour' where name = 'answer:2'`);
    await ledger.forgetStates({ prefix: 'answer:', beforeMs: 0, keep: 2 });
    expect(await names()).toEqual(['answer:%', 'answer:3', 'answer_1', 'trading-bot'].sort());
  });
});

/** Databases are swapped on a real server while others hold sessions, and after deaths in the middle. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../../adapters/postgres/database-url.js';
import { createDatabaseRescue } from '../../../adapters/postgres/rescue/database-rescue.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';

describe('swapping a restored database for the live one', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase('empty');
    admin = new pg.Client({ connectionString: withDatabase(database.databaseUrl, 'postgres') });
    await admin.connect();
  });
  afterAll(async () => {
    for (const name of [names().restored, names().kept]) await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
    await database.drop();
  });
  const names = () => ({ live: database.name, restored: `${database.name}_restore`, kept: `${database.name}_old` });
  const rescue = () => createDatabaseRescue({ databaseUrl: database.databaseUrl, programsDirectory: database.binDirectory, path: '', logger: silentLogger });
  const mark = async (name: string, text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: withDatabase(database.databaseUrl, name) });
    await client.connect();
    await client.query(`create table ${text} ()`);
    await client.end();
  };
  const holds = async (name: string, text: string): Promise<boolean> => {
    const client = new pg.Client({ connectionString: withDatabase(database.databaseUrl, name) });
    await client.connect();
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [text]);
    await client.end();
    return rows[0]?.there ?? false;
  };

  it('ends the sessions of clients that reconnect at once, renames both, and can be repeated', async () => {
    await mark(database.name, 'damaged');
    await admin.query(`create database ${names().restored} template template0`);
    await mark(names().restored, 'sound');
    let over = false;
    const reconnecting = Promise.all([1, 2, 3].map(async () => {
      while (!over) await database.query('select pg_sleep(0.01)').catch(() => undefined);
    }));
    await expect(rescue().swap(names())).resolves.toMatchObject({ kind: 'swapped' });
    over = true;
    await reconnecting;
    expect(await Promise.all([holds(names().live, 'sound'), holds(names().kept, 'damaged')])).toEqual([true, true]);
    await expect(rescue().swap(names())).resolves.toEqual({ kind: 'already', endedSessions: 0 });
  });

  it('takes up a swap whose worker died after it had shut the live database, and one that is given up lets sessions in again', async () => {
    await admin.query(`drop database ${names().kept} with (force)`);
    await admin.query(`create database ${names().restored} template template0`);
    await admin.query(`alter database ${names().live} with allow_connections false`);
    await rescue().admitSessions(names().live);
    expect(await holds(names().live, 'sound')).toBe(true);
    await admin.query(`alter database ${names().live} with allow_connections false`);
    await rescue().swap(names());
    expect(await Promise.all([holds(names().live, 'sound'), holds(names().kept, 'sound')])).toEqual([false, true]);
  });

  it('says what to do when there is neither', async () => {
    await expect(rescue().swap({ live: 'no_such_live', restored: 'no_such_restored', kept: 'no_such_kept' })).rejects.toMatchObject({ code: 10003, message: expect.stringContaining('neither') as string });
  });
});

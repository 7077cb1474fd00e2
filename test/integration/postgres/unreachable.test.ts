import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDatabase } from '../../../adapters/postgres/database-url.js';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { migrate } from '../../../adapters/postgres/migrate.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { waitForPostgres } from '../../../embedded/postgres/wait.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aDecision, T0 } from '../../support/postgres-facts.js';
import { silentLogger as logger } from '../../support/silent-logger.js';

const SECRET = 'correct-horse-battery';

describe('a database that cannot be used', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  it('that nobody serves is 10003, worth another try, and the password stays unsaid', async () => {
    const port = await pickFreePort();
    const error = await failureOf(createPostgresLedger({ databaseUrl: `postgresql://trading_user:${SECRET}@127.0.0.1:${port}/nowhere`, logger }));
    expect(error).toMatchObject({ code: 10003, retryable: true, foreignCode: 'ECONNREFUSED', message: expect.stringContaining(`127.0.0.1:${port}/nowhere`) as string });
    expectNoSecret(error);
  });

  it('that refuses the password is 10003 and not worth another try', async () => {
    const url = new URL(database.databaseUrl);
    url.password = SECRET;
    const databaseUrl = url.toString();
    const attempts = [() => createPostgresLedger({ databaseUrl, logger }), () => migrate({ databaseUrl, logger }), () => waitForPostgres(databaseUrl, 10_000)];
    for (const attempt of attempts) {
      const error = await failureOf(attempt());
      expect(error).toMatchObject({ code: 10003, retryable: false, foreignCode: '28P01' });
      expectNoSecret(error);
    }
  });

  it('that does not exist on the server is 10003 and not worth another try', async () => {
    const error = await failureOf(createPostgresLedger({ databaseUrl: withDatabase(database.databaseUrl, 'no_such_database'), logger }));
    expect(error).toMatchObject({ code: 10003, retryable: false, foreignCode: '3D000' });
  });

  it.each([`not a url ${SECRET}`, `mysql://root:${SECRET}@localhost/x`, `postgresql://user:${SECRET}@host:notaport/x`])(
    'whose address is no connection string is told without repeating it (case %#)',
    async (databaseUrl) => {
      const error = await failureOf(createPostgresLedger({ databaseUrl, logger }));
      expect(error).toMatchObject({ code: 10003, retryable: false });
      expectNoSecret(error);
    },
  );

  it('whose schema is missing names the migrations', async () => {
    const empty = await createTestDatabase('empty');
    const ledger = await createPostgresLedger({ databaseUrl: empty.databaseUrl, logger });
    expect(await failureOf(ledger.openTrades())).toMatchObject({ code: 10003, foreignCode: '42P01', fix: expect.stringContaining('migrations') as string });
    expect(await failureOf(ledger.saveDecision(aDecision()))).toMatchObject({ code: 40008, foreignCode: '42P01' });
    await ledger.close();
    await empty.drop();
  });

  it('that accepts the connection and then says nothing is given up after the connect time-out', async () => {
    const silent = await listenSilently();
    const databaseUrl = `postgresql://u:${SECRET}@127.0.0.1:${(silent.address() as AddressInfo).port}/x`;
    const error = await failureOf(createPostgresLedger({ databaseUrl, connectTimeoutMs: 200, logger }));
    expect(error).toMatchObject({ code: 10003, retryable: true });
    expectNoSecret(error);
    silent.close();
  });

  it('that holds a statement longer than its time-out gives the statement up, and serves the next one', async () => {
    const ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, statementTimeoutMs: 200, logger });

    const locked = database.query('begin; lock table decisions in access exclusive mode; select pg_sleep(1.5); commit');
    await expect.poll(async () => database.query(`select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'decisions'::regclass`)).toHaveLength(1);
    expect(await failureOf(ledger.saveDecision(aDecision()))).toMatchObject({ code: 40008, foreignCode: '57014', retryable: true });
    await locked;
    await ledger.saveDecision(aDecision());
    expect(await ledger.decidedThroughMs()).toBe(T0);
    await ledger.close();
  });

  it('whose connections are all cut serves the next call on new ones', async () => {
    const ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger });
    await Promise.all(Array.from({ length: 10 }, () => ledger.ping()));
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'bybit-temporal-bot'`);
    await expect.poll(() => ledger.ping().then(() => 'served', (error: unknown) => (error as BotError).code)).toBe('served');
    await Promise.all(Array.from({ length: 10 }, () => ledger.ping()));
    await ledger.close();
  });

  it('answers a ping with its version and a latency', async () => {
    const ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger });
    const { latencyMs, serverVersion } = await ledger.ping();
    expect(latencyMs).toBeGreaterThan(0);
    expect(serverVersion).toMatch(/^\d+\.\d+/);
    await ledger.close();
  });
});

async function failureOf(attempt: Promise<unknown>): Promise<BotError> {
  const error: unknown = await attempt.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(BotError);
  return error as BotError;
}

function expectNoSecret(error: BotError): void {
  expect(`${error.message} ${error.fix} ${error.stack ?? ''} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(SECRET);
}

function listenSilently(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { onDecided, type DecidedSubscription } from '../../../adapters/postgres/decided-listener.js';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aDecision, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const WAIT = { timeout: 10_000, interval: 10 };

describe('decisions in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  const subscriptions: DecidedSubscription[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from decisions');
  });
  afterAll(async () => {
    for (const subscription of subscriptions) await subscription.close();
    await ledger.close();
    await database.drop();
  });

  function listen(): number[] {
    const heard: number[] = [];
    subscriptions.push(onDecided(database.databaseUrl, (decidedThroughMs) => heard.push(decidedThroughMs), silentLogger));
    return heard;
  }

  it('come back as written, the newest by candle close, whatever order they were written in', async () => {
    expect([await ledger.decidedThroughMs(), await ledger.latestDecision()]).toEqual([0, null]);
    await ledger.saveDecision(aDecision({ decidedThroughMs: T0 + 60_000, wallet: null }));
    await ledger.saveDecision(aDecision());
    expect(await ledger.latestDecision()).toEqual(aDecision({ decidedThroughMs: T0 + 60_000, wallet: null }));
    expect(await ledger.decidedThroughMs()).toBe(T0 + 60_000);
  });

  it('keep what was recorded first', async () => {
    await ledger.saveDecision(aDecision());
    await ledger.saveDecision(aDecision({ lifecycle: 'paused', evaluations: [] }));
    expect(await ledger.latestDecision()).toEqual(aDecision());
  });

  it('are heard by a listener: first the newest on record, then each new one', async () => {
    await ledger.saveDecision(aDecision());
    const heard = listen();
    await vi.waitFor(() => expect(heard).toEqual([T0]), WAIT);
    await ledger.saveDecision(aDecision({ decidedThroughMs: T0 + 1 }));
    await vi.waitFor(() => expect(heard).toEqual([T0, T0 + 1]), WAIT);
  });

  it('are readable, with everything written before them, when they are heard', async () => {
    const found: Promise<number>[] = [];
    const subscription = onDecided(database.databaseUrl, () => found.push(ledger.decidedThroughMs()), silentLogger);
    subscriptions.push(subscription);
    await vi.waitFor(() => expect(found).toHaveLength(1), WAIT);
    await ledger.saveDecision(aDecision({ decidedThroughMs: T0 + 2 }));
    await vi.waitFor(() => expect(found).toHaveLength(2), WAIT);
    expect(await found[1]).toBe(T0 + 2);
  });

  it('that were written while the listener\'s connection was broken are heard once it is back', async () => {
    const heard = listen();
    await vi.waitFor(() => expect(heard).toEqual([0]), WAIT);
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'select max(decided_through)%' and datname = current_database()`);
    await ledger.saveDecision(aDecision({ decidedThroughMs: T0 + 3 }));
    await vi.waitFor(() => expect(heard).toContain(T0 + 3), WAIT);
  });

  it('are no longer heard after the listener is closed', async () => {
    const heard = listen();
    await vi.waitFor(() => expect(heard).toEqual([0]), WAIT);
    await subscriptions.pop()?.close();
    const other = listen();
    await ledger.saveDecision(aDecision({ decidedThroughMs: T0 + 4 }));
    await vi.waitFor(() => expect(other).toContain(T0 + 4), WAIT);
    expect(heard).toEqual([0]);
  });

  it('have state documents beside them, each replaced as a whole', async () => {
    expect(await ledger.state('risk')).toBeNull();
    await ledger.saveState('risk', { dayStartMs: T0, cooldowns: { BTCUSDT: 1 } });
    await ledger.saveState('risk', { dayStartMs: T0 + 1 });
    await ledger.saveState('lifecycle', { lifecycle: 'paused' });
    expect(await ledger.state('risk')).toEqual({ dayStartMs: T0 + 1 });
  });
});

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLatchFile, UNREADABLE_HALT_ID } from '../../../adapters/host/latch-file.js';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { combineLatches, createLedgerLatch, openEmergencyLatch } from '../../../workers/emergency-latch.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';

const LATCH = { haltId: 'halt-1', atMs: 1_700_000_000_000, reason: 'storm', actor: 'operator' };
const away = (): Promise<Ledger> => Promise.reject(new BotError(10003, 'no database'));

describe('the emergency latch of a process', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  let dataDir: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'latch-'));
    await ledger.saveState('emergency-latch', { latch: null });
  });
  const both = () => openEmergencyLatch({ dataDir, ledger: () => Promise.resolve(ledger) });

  it('is set in both places, and each place alone is enough to be obeyed', async () => {
    await both().set(LATCH);
    expect(await createLatchFile(dataDir).read()).toEqual(LATCH);
    expect(await createLedgerLatch(() => Promise.resolve(ledger)).read()).toEqual(LATCH);

    await createLatchFile(dataDir).clear('halt-1');
    expect(await both().read()).toEqual(LATCH);
  });

  it('can be set and read with the database away, and reaches the database with the next setting', async () => {
    const alone = openEmergencyLatch({ dataDir, ledger: away });
    await alone.set(LATCH);
    expect(await alone.read()).toEqual(LATCH);

    await both().set({ ...LATCH, haltId: 'halt-2' });
    expect(await createLedgerLatch(() => Promise.resolve(ledger)).read()).toEqual(LATCH);
  });

  it('lets nothing pass while it cannot be known whether it is set', async () => {
    await expect(openEmergencyLatch({ dataDir, ledger: away }).read()).rejects.toMatchObject({ code: 10003 });
  });

  it('is not released while one place could not be asked, nor for another halt', async () => {
    await both().set(LATCH);
    await expect(openEmergencyLatch({ dataDir, ledger: away }).clear('halt-1')).rejects.toMatchObject({ code: 10003 });
    expect(await both().read()).toEqual(LATCH);
    await expect(both().clear('halt-2')).rejects.toMatchObject({ code: 10009 });
    await both().clear('halt-1');
    expect(await both().read()).toBeNull();
  });

  it('names the halt that an operator knows when another place is unreadable', async () => {
    const unreadable = { ...createLatchFile(dataDir), read: () => Promise.resolve({ ...LATCH, haltId: UNREADABLE_HALT_ID }) };
    await ledger.saveState('emergency-latch', { latch: { ...LATCH } });
    expect(await combineLatches([unreadable, createLedgerLatch(() => Promise.resolve(ledger))]).read()).toEqual(LATCH);
  });

  it('says so when no place took it', async () => {
    const broken = openEmergencyLatch({ dataDir: '/dev/null/nowhere', ledger: away });
    await expect(broken.set(LATCH)).rejects.toBeInstanceOf(BotError);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aPosition, aWallet, money, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

describe('the account in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from positions; delete from equity; delete from bot_state');
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it('gives back a position exactly as the exchange reported it', async () => {
    await ledger.savePositions([aPosition()], { asOfMs: T0 + 1, complete: false });
    expect(await ledger.positions()).toEqual([{ position: aPosition(), asOfMs: T0 + 1 }]);
  });

  it('keeps the newer reading of a position when an older one arrives late', async () => {
    await ledger.savePositions([aPosition({ size: money('0.02') })], { asOfMs: T0 + 10, complete: true });
    await ledger.savePositions([aPosition({ size: money('0.01') })], { asOfMs: T0 + 5, complete: true });
    expect(await ledger.positions()).toMatchObject([{ position: { size: '0.02' }, asOfMs: T0 + 10 }]);
  });

  it('takes a symbol for flat when a complete reading does not name it, but not when a partial one does not', async () => {
    await ledger.savePositions([aPosition(), aPosition({ symbol: 'ETHUSDT' })], { asOfMs: T0, complete: true });
    await ledger.savePositions([aPosition()], { asOfMs: T0 + 1, complete: false });
    expect(await ledger.positions()).toHaveLength(2);
    await ledger.savePositions([aPosition()], { asOfMs: T0 + 2, complete: true });
    expect((await ledger.positions()).map(({ position }) => position.symbol)).toEqual(['BTCUSDT']);
  });

  it('does not bring a position back that was flat by the time an older report of it arrives', async () => {
    await ledger.savePositions([aPosition()], { asOfMs: T0, complete: true });
    await ledger.savePositions([], { asOfMs: T0 + 10, complete: true });
    await ledger.savePositions([aPosition()], { asOfMs: T0 + 5, complete: false });
    expect(await ledger.positions()).toEqual([]);
  });

  it('takes an explicit flat report as the end of the position', async () => {
    await ledger.savePositions([aPosition()], { asOfMs: T0, complete: false });
    await ledger.savePositions([aPosition({ side: 'None', size: money('0') })], { asOfMs: T0 + 1, complete: false });
    expect(await ledger.positions()).toEqual([]);
  });

  it('keeps the newest wallet by the exchange\'s time, whichever arrives last', async () => {
    expect(await ledger.latestWallet()).toBeNull();
    await ledger.saveWallet(aWallet({ asOfMs: T0 + 10, equity: money('10001') }));
    await ledger.saveWallet(aWallet());
    expect(await ledger.latestWallet()).toEqual(aWallet({ asOfMs: T0 + 10, equity: money('10001') }));
  });

  it('finds the newest equity, and the first one of a day', async () => {
    expect(await ledger.latestEquity()).toBeNull();
    const day = Date.UTC(2024, 1, 1);
    const wallets = [day - 1, day + 60_000, day + 120_000].map((asOfMs) => aWallet({ asOfMs, equity: money(String(asOfMs)) }));
    for (const wallet of wallets) await ledger.saveEquity(wallet, 'reconciliation');
    expect(await ledger.latestEquity()).toEqual({ wallet: wallets[2], source: 'reconciliation' });
    expect(await ledger.equityAtOrAfter(day)).toEqual(wallets[1]);
    expect(await ledger.equityAtOrAfter(day + 120_001)).toBeNull();
  });

  it('keeps only the newest reading of the wallet, whichever comes last', async () => {
    expect(await ledger.latestWallet()).toBeNull();
    const newest = aWallet({ asOfMs: Date.UTC(2024, 2, 1), equity: money('12345.678') });
    await ledger.saveWallet(newest);
    await ledger.saveWallet(aWallet({ asOfMs: Date.UTC(2024, 1, 1) }));
    expect(await ledger.latestWallet()).toEqual(newest);
  });

  it('keeps the first reading of one instant and source, and one per source', async () => {
    await ledger.saveEquity(aWallet(), 'feed');
    await ledger.saveEquity(aWallet({ equity: money('1') }), 'feed');
    await ledger.saveEquity(aWallet(), 'reconciliation');
    expect(await database.query('select source, equity::text from equity order by 1')).toEqual([
      { source: 'feed', equity: '10000.12' }, { source: 'reconciliation', equity: '10000.12' },
    ]);
  });
});

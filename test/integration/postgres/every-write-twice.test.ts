import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { ApprovedOrder } from '../../../core/orders/approved-order.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aCandle, aClosedTrade, aDecision, aFundingPayment, anExecution, anOrder, aPosition, aRun, aWallet, money, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const TABLES = ['price_data', 'trades', 'order_intents', 'orders', 'executions', 'funding', 'positions', 'equity', 'strategies', 'decisions', 'bot_state', 'events', 'audit', 'error_counts', 'error_occurrences', 'runbook_runs'];

// The brand is only given by core/risk; the ledger does not look behind it.
const entry = {
  kind: 'entry', orderLinkId: 'BTCUSDT-s9x-abcd-e0', tradeId: 'BTCUSDT-s9x-abcd', symbol: 'BTCUSDT', side: 'Buy', qty: money('0.012'),
  stopLoss: money('41000'), leverage: money('2'),
} as ApprovedOrder;
const exit = { kind: 'exit', orderLinkId: 'BTCUSDT-s9x-abcd-x0', tradeId: 'BTCUSDT-s9x-abcd', symbol: 'BTCUSDT', side: 'Sell', qty: money('0.012') } as ApprovedOrder;

const WRITES: Record<string, (ledger: Ledger) => Promise<unknown>> = {
  saveCandles: (ledger) => ledger.saveCandles([aCandle(), aCandle({ symbol: 'ETHUSDT' })]),
  saveExecutions: (ledger) => ledger.saveExecutions([anExecution(), aFundingPayment()], 'BTCUSDT-s9x-abcd'),
  saveOrders: (ledger) => ledger.saveOrders([anOrder(), anOrder({ orderId: 'order-2', orderLinkId: '' })]),
  savePositions: (ledger) => ledger.savePositions([aPosition()], { asOfMs: T0, complete: true }),
  saveEquity: (ledger) => ledger.saveEquity(aWallet(), 'reconciliation'),
  saveWallet: (ledger) => ledger.saveWallet(aWallet()),
  'saveIntent of an entry': (ledger) => ledger.saveIntent({ order: entry, purpose: 'entry', decidedMs: T0 }),
  'saveIntent of an exit': (ledger) => ledger.saveIntent({ order: exit, purpose: 'signal', decidedMs: T0 }),
  saveTrade: (ledger) => ledger.saveTrade(aClosedTrade()),
  saveStrategies: (ledger) => ledger.saveStrategies([{ name: 'breakout_sol', enabled: true, symbol: 'SOLUSDT', interval: '15', parameters: { lookback: 20 } }]),
  saveDecision: (ledger) => ledger.saveDecision(aDecision()),
  saveState: (ledger) => ledger.saveState('lifecycle', { lifecycle: 'paused', reason: 'operator' }),
  forgetStates: async (ledger) => {
    await ledger.saveState('answer:1', { answer: 1 });
    await ledger.forgetStates({ prefix: 'answer:', beforeMs: 0, keep: 1 });
  },
  saveEvent: (ledger) => ledger.saveEvent({ eventId: 'e-1', atMs: T0, code: 40006, severity: 'error', source: 'feed', message: 'late', context: { symbol: 'BTCUSDT' } }),
  saveAudit: (ledger) => ledger.saveAudit({ auditId: 'a-1', atMs: T0, who: 'cli', fromAddress: '127.0.0.1', what: 'pause', reason: 'test', outcome: 'done', detail: {} }),
  saveErrors: (ledger) => ledger.saveErrors({
    life: 'life-1', service: 'api', instance: '1', counts: [{ code: 30003, occurrences: 2, lastAtMs: T0 }],
    occurrences: [{ occurrenceId: 'o-1', atMs: T0, code: 30003, severity: 'error', service: 'api', instance: '1', message: 'away', context: {} }],
  }),
  saveRun: (ledger) => ledger.saveRun(aRun()),
};

describe('writing the same thing twice', () => {
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

  it.each(Object.entries(WRITES))('%s leaves the ledger as after the first time', async (_name, write) => {
    const before = await everything(database);
    await write(ledger);
    const once = await everything(database);
    await write(ledger);
    expect(await everything(database)).toEqual(once);
    expect(once).not.toEqual(before);
  });

  it('has then filled every table, so the test above left none out', async () => {
    const rows = await everything(database);
    expect(TABLES.filter((table) => rows[table]?.length === 0)).toEqual([]);
    const tables = await database.query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'schema_migrations'`);
    expect(tables.map((table) => table.name).sort()).toEqual([...TABLES].sort());
  });

  it('says of every write without rows that nothing happened', async () => {
    const before = await everything(database);
    expect(await ledger.saveExecutions([])).toBe(0);
    await Promise.all([ledger.saveCandles([]), ledger.saveOrders([]), ledger.saveStrategies([]), ledger.savePositions([], { asOfMs: T0, complete: false })]);
    expect(await everything(database)).toEqual(before);
  });
});

async function everything(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const contents = await Promise.all(TABLES.map((table) => database.query(`select t::text as row from ${table} t order by 1`)));
  return Object.fromEntries(TABLES.map((table, index) => [table, contents[index] ?? []]));
}

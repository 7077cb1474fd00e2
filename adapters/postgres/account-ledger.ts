/**
 * Positions and equity: readings of the account at an instant.
 *
 * Invariants
 * 1. An older reading never overwrites a newer one.
 * 2. A symbol that a complete reading does not name is flat as of that reading; its row stays, so that an older report
 *    of the position cannot bring it back.
 */
import { sql, type Insertable, type Selectable } from 'kysely';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Position, Wallet } from '../../core/orders/order.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { insertBatch, KEEP_THE_FIRST, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase, Queries } from './ledger-database.js';
import type { EquityTable, PositionsTable } from './tables.js';

type AccountLedger = Pick<Ledger, 'savePositions' | 'positions' | 'saveEquity' | 'saveWallet' | 'latestWallet' | 'latestEquity' | 'equityAtOrAfter'>;

/** One small document instead of a row per reading: only the newest is of use, the curve is made of decisions. */
const WALLET_STATE = 'wallet';

const WHEN_NEWER = sql`(positions.as_of, positions.updated_at) <= (excluded.as_of, excluded.updated_at)`;

export function accountLedger(database: LedgerDatabase): AccountLedger {
  return {
    savePositions: (positions, { asOfMs, complete }) =>
      database.transact(`save ${positions.length} positions`, async (queries) => {
        await upsertPositions(queries, positions, asOfMs);
        if (complete) await flattenOthers(queries, positions, asOfMs);
      }),
    positions: async () => {
      const open = await database.read('read positions', (queries) =>
        queries.selectFrom('positions').selectAll().where('side', '<>', 'None').orderBy('symbol').execute(),
      );
      return open.map((row) => ({ position: fromPositionRow(row), asOfMs: row.as_of.getTime() }));
    },
    saveEquity: async (wallet, source) => {
      await database.write('save the equity', (queries) =>
        insertBatch(queries, { table: 'equity', rows: [toEquityRow(wallet, source)], key: ['as_of', 'source'], onConflict: KEEP_THE_FIRST }),
      );
    },
    saveWallet: async (wallet) => {
      await database.write('save the wallet', (queries) => sql`
        insert into bot_state (name, state, updated_at) values (${WALLET_STATE}, ${JSON.stringify(wallet)}::jsonb, ${toTimestamp(wallet.asOfMs)})
        on conflict (name) do update set state = excluded.state, updated_at = excluded.updated_at where bot_state.updated_at <= excluded.updated_at`.execute(queries));
    },
    latestWallet: async () => {
      const row = await database.read('read the wallet', (queries) => queries.selectFrom('bot_state').select('state').where('name', '=', WALLET_STATE).executeTakeFirst());
      return row === undefined ? null : fromWalletState(row.state);
    },
    latestEquity: async () => {
      const row = await database.read('read the newest equity', (queries) =>
        queries.selectFrom('equity').selectAll().orderBy('as_of', 'desc').orderBy('source').limit(1).executeTakeFirst(),
      );
      return row === undefined ? null : { wallet: fromEquityRow(row), source: row.source };
    },
    equityAtOrAfter: async (atMs) => {
      const row = await database.read('read the equity at an instant', (queries) =>
        queries.selectFrom('equity').selectAll().where('as_of', '>=', new Date(atMs)).orderBy('as_of').orderBy('source').limit(1).executeTakeFirst(),
      );
      return row === undefined ? null : fromEquityRow(row);
    },
  };
}

async function upsertPositions(queries: Queries, positions: readonly Position[], asOfMs: number): Promise<void> {
  const rows = positions.map((position) => toPositionRow(position, asOfMs));
  const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'symbol');
  await insertBatch(queries, { table: 'positions', rows, key: ['symbol'], onConflict: replaceWhen(columns, WHEN_NEWER) });
}

async function flattenOthers(queries: Queries, positions: readonly Position[], asOfMs: number): Promise<void> {
  const named = positions.map((position) => position.symbol);
  await sql`
    update positions set side = 'None', size = 0, stop_loss = 0, take_profit = 0, unrealised_pnl = 0, position_value = 0, as_of = ${toTimestamp(asOfMs)}
    where symbol in (select symbol from positions where symbol <> all(${named}) and as_of < ${toTimestamp(asOfMs)} order by symbol for update)`.execute(queries);
}

function toPositionRow(position: Position, asOfMs: number): Insertable<PositionsTable> {
  return {
    symbol: position.symbol,
    side: position.side,
    size: position.size,
    avg_price: position.avgPrice,
    mark_price: position.markPrice,
    leverage: position.leverage,
    liquidation_price: position.liquidationPrice,
    stop_loss: position.stopLoss,
    take_profit: position.takeProfit,
    unrealised_pnl: position.unrealisedPnl,
    position_value: position.positionValue,
    updated_at: toTimestamp(position.updatedMs),
    as_of: toTimestamp(asOfMs),
  };
}

function fromPositionRow(row: Selectable<PositionsTable>): Position {
  return {
    symbol: row.symbol,
    side: row.side,
    size: toDecimalString(row.size),
    avgPrice: toDecimalString(row.avg_price),
    markPrice: toDecimalString(row.mark_price),
    leverage: toDecimalString(row.leverage),
    liquidationPrice: toDecimalString(row.liquidation_price),
    stopLoss: toDecimalString(row.stop_loss),
    takeProfit: toDecimalString(row.take_profit),
    unrealisedPnl: toDecimalString(row.unrealised_pnl),
    positionValue: toDecimalString(row.position_value),
    updatedMs: row.updated_at.getTime(),
  };
}

function toEquityRow(wallet: Wallet, source: string): Insertable<EquityTable> {
  return {
    as_of: toTimestamp(wallet.asOfMs),
    source,
    equity: wallet.equity,
    wallet_balance: wallet.walletBalance,
    available: wallet.available,
    unrealised_pnl: wallet.unrealisedPnl,
    initial_margin: wallet.initialMargin,
    maintenance_margin: wallet.maintenanceMargin,
  };
}

function fromWalletState(state: Record<string, unknown>): Wallet {
  const amount = (name: keyof Wallet): Wallet['equity'] => toDecimalString(String(state[name]));
  return {
    equity: amount('equity'), walletBalance: amount('walletBalance'), available: amount('available'), unrealisedPnl: amount('unrealisedPnl'),
    initialMargin: amount('initialMargin'), maintenanceMargin: amount('maintenanceMargin'), asOfMs: Number(state['asOfMs']),
  };
}

function fromEquityRow(row: Selectable<EquityTable>): Wallet {
  return {
    equity: toDecimalString(row.equity),
    walletBalance: toDecimalString(row.wallet_balance),
    available: toDecimalString(row.available),
    unrealisedPnl: toDecimalString(row.unrealised_pnl),
    initialMargin: toDecimalString(row.initial_margin),
    maintenanceMargin: toDecimalString(row.maintenance_margin),
    asOfMs: row.as_of.getTime(),
  };
}

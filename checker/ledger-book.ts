/** The ledger's side of the comparison, read with plain SQL: nothing of the product's own reading code takes part. */
import pg from 'pg';
import { toDecimalString, type DecimalString } from '../core/money/decimal.js';

export interface LedgerExecution {
  execId: string;
  execType: string;
  tradeId: string | null;
  orderId: string;
  orderLinkId: string;
  symbol: string;
  side: 'Buy' | 'Sell';
  price: DecimalString;
  qty: DecimalString;
  fee: DecimalString;
  feeRate: DecimalString;
  markPrice: DecimalString;
  execMs: number;
  seq: number;
}

export interface LedgerTrade {
  tradeId: string;
  strategy: string;
  symbol: string;
  side: 'Buy' | 'Sell';
  state: string;
  qty: DecimalString;
  fees: DecimalString | null;
  funding: DecimalString | null;
  grossPnl: DecimalString | null;
  realisedPnl: DecimalString | null;
}

export interface LedgerBook {
  openingBalance: DecimalString;
  executions: LedgerExecution[];
  fundingPayments: { execId: string; amount: DecimalString }[];
  trades: LedgerTrade[];
  intents: { orderLinkId: string; tradeId: string; kind: string }[];
}

type Row = Record<string, string | null>;

export async function readLedgerBook(databaseUrl: string): Promise<LedgerBook> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, statement_timeout: 60_000 });
  await client.connect();
  try {
    const rows = async (sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows;
    const [opening] = await rows(`select state->>'walletBalance' as balance from bot_state where name = 'opening'`);
    return {
      openingBalance: toDecimalString(opening?.['balance'] ?? '0'),
      executions: (await rows(EXECUTIONS)).map(execution),
      fundingPayments: (await rows('select exec_id, amount::text as amount from funding')).map((row) => ({ execId: text(row, 'exec_id'), amount: toDecimalString(text(row, 'amount')) })),
      trades: (await rows(TRADES)).map(trade),
      intents: (await rows('select order_link_id, trade_id, kind from order_intents')).map((row) => ({ orderLinkId: text(row, 'order_link_id'), tradeId: text(row, 'trade_id'), kind: text(row, 'kind') })),
    };
  } finally {
    await client.end();
  }
}

const EXECUTIONS = `
  select exec_id, exec_type, trade_id, order_id, order_link_id, symbol, side, price::text, qty::text, fee::text, fee_rate::text,
         mark_price::text, (extract(epoch from executed_at) * 1000)::bigint::text as exec_ms, seq::text
  from executions`;
const TRADES = `
  select trade_id, strategy, symbol, side, state, qty::text, fees::text, funding::text, gross_pnl::text, realised_pnl::text from trades`;

function execution(row: Row): LedgerExecution {
  const money = (name: string) => toDecimalString(text(row, name));
  return {
    execId: text(row, 'exec_id'), execType: text(row, 'exec_type'), tradeId: row['trade_id'] ?? null, orderId: text(row, 'order_id'),
    orderLinkId: text(row, 'order_link_id'), symbol: text(row, 'symbol'), side: text(row, 'side') as 'Buy' | 'Sell', price: money('price'),
    qty: money('qty'), fee: money('fee'), feeRate: money('fee_rate'), markPrice: money('mark_price'), execMs: Number(text(row, 'exec_ms')), seq: Number(text(row, 'seq')),
  };
}

function trade(row: Row): LedgerTrade {
  const amount = (name: string) => (row[name] == null ? null : toDecimalString(row[name]));
  return {
    tradeId: text(row, 'trade_id'), strategy: text(row, 'strategy'), symbol: text(row, 'symbol'), side: text(row, 'side') as 'Buy' | 'Sell',
    state: text(row, 'state'), qty: toDecimalString(text(row, 'qty')), fees: amount('fees'), funding: amount('funding'),
    grossPnl: amount('gross_pnl'), realisedPnl: amount('realised_pnl'),
  };
}

function text(row: Row, name: string): string {
  const value = row[name];
  if (value == null) throw new Error(`the ledger returned no ${name}`);
  return value;
}

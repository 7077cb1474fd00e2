/** Every field of every trade, as the ledger holds it, in an order that depends on nothing but the trades. */
import pg from 'pg';

export type RecordedTrade = Record<string, string | number | null>;

const QUERY = `
  select trade_id, timestamp::text, strategy, symbol, side, state, reference_price::text, qty::text, leverage::text, stop_loss::text,
         take_profit::text, entry_price::text, exit_price::text, opened_at::text, closed_at::text, exit_reason, gross_pnl::text, fees::text,
         funding::text, realised_pnl::text, error_code, error_message, workflow_id
  from trades order by trade_id`;

export async function recordedTrades(databaseUrl: string): Promise<RecordedTrade[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<RecordedTrade>(QUERY)).rows;
  } finally {
    await client.end();
  }
}

/** One line per difference, field by field. */
export function tradeDifferences(expected: readonly RecordedTrade[], actual: readonly RecordedTrade[]): string[] {
  const byId = new Map(actual.map((trade) => [trade['trade_id'], trade]));
  const known = new Set(expected.map((trade) => trade['trade_id']));
  return [
    ...expected.flatMap((trade) => {
      const other = byId.get(trade['trade_id']);
      if (!other) return [`trade ${trade['trade_id']} is missing`];
      return Object.keys(trade).filter((field) => trade[field] !== other[field]).map((field) => `trade ${trade['trade_id']}: ${field} is ${other[field]}, undisturbed ${trade[field]}`);
    }),
    ...actual.filter((trade) => !known.has(trade['trade_id'])).map((trade) => `trade ${trade['trade_id']} does not exist in the undisturbed run`),
  ];
}

/**
 * Decisions and the small state documents of the bot.
 *
 * Invariants
 * 1. The first record of a decision stands; writing it again changes nothing but notifies again, so that a listener
 *    whose connection broke learns of it from the repeated attempt.
 * 2. The notification leaves with the commit: whoever hears it finds the decision, and everything written before it.
 */
import { sql } from 'kysely';
import type { DecisionRow, Ledger } from '../../core/ports/ledger.js';
import type { Wallet } from '../../core/orders/order.js';
import { insertBatch, KEEP_THE_FIRST, replaceWhen } from './batch-insert.js';
import { DECIDED_CHANNEL } from './decided-listener.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase, Queries } from './ledger-database.js';

type DecisionLedger = Pick<Ledger, 'saveDecision' | 'decidedThroughMs' | 'latestDecision' | 'saveState' | 'forgetStates' | 'state'>;

export function decisionLedger(database: LedgerDatabase): DecisionLedger {
  return {
    saveDecision: (decision) => database.transact('save the decision', (queries) => insertAndNotify(queries, decision)),
    decidedThroughMs: async () => (await newestDecision(database))?.decidedThroughMs ?? 0,
    latestDecision: () => newestDecision(database),
    saveState: async (name, state) => {
      const row = { name, state, updated_at: toTimestamp(Date.now()) };
      const onConflict = replaceWhen(['state', 'updated_at'], sql`bot_state.state <> excluded.state`);
      await database.write(`save the state ${name}`, (queries) =>
        insertBatch(queries, { table: 'bot_state', rows: [row], key: ['name'], onConflict }),
      );
    },
    forgetStates: async ({ prefix, beforeMs, keep }) => {
      await database.write(`forget states ${prefix}*`, async (queries) => {
        const ofPrefix = sql<boolean>`starts_with(name, ${prefix})`;
        const newest = queries.selectFrom('bot_state').select('name').where(ofPrefix).orderBy('updated_at', 'desc').limit(keep);
        await queries.deleteFrom('bot_state').where(ofPrefix)
          .where((where) => where.or([where('updated_at', '<', sql<Date>`${toTimestamp(beforeMs)}::timestamptz`), where('name', 'not in', newest)])).execute();
      });
    },
    state: async (name) => {
      const row = await database.read(`read the state ${name}`, (queries) =>
        queries.selectFrom('bot_state').select('state').where('name', '=', name).executeTakeFirst(),
      );
      return row?.state ?? null;
    },
  };
}

async function insertAndNotify(queries: Queries, decision: DecisionRow): Promise<void> {
  const row = {
    decided_through: toTimestamp(decision.decidedThroughMs),
    lifecycle: decision.lifecycle,
    evaluations: decision.evaluations,
    wallet: decision.wallet === null ? null : { ...decision.wallet },
  };
  await insertBatch(queries, { table: 'decisions', rows: [row], key: ['decided_through'], onConflict: KEEP_THE_FIRST });
  await sql`select pg_notify(${DECIDED_CHANNEL}, ${String(decision.decidedThroughMs)})`.execute(queries);
}

async function newestDecision(database: LedgerDatabase): Promise<DecisionRow | null> {
  const row = await database.read('read the newest decision', (queries) =>
    queries.selectFrom('decisions').selectAll().orderBy('decided_through', 'desc').limit(1).executeTakeFirst(),
  );
  if (row === undefined) return null;
  return {
    decidedThroughMs: row.decided_through.getTime(),
    lifecycle: row.lifecycle,
    evaluations: row.evaluations,
    // Written by `insertAndNotify` from a Wallet, and by nothing else.
    wallet: row.wallet as Wallet | null,
  };
}

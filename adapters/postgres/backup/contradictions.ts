/**
 * What cannot be in a ledger that is whole, whatever instant it was dumped at. Few, and each true in every snapshot: a write of the bot
 * is one transaction, so no snapshot sees half of one.
 */
import type pg from 'pg';

interface Check {
  /** completes "N …" */
  says: string;
  needs: readonly string[];
  counts: string;
}

const CHECKS: readonly Check[] = [
  {
    says: 'funding payments without their execution', needs: ['executions', 'funding'],
    counts: 'select count(*)::text as count from public.funding f where not exists (select from public.executions e where e.exec_id = f.exec_id)',
  },
  {
    says: 'executions of type Funding without their payment', needs: ['executions', 'funding'],
    counts: "select count(*)::text as count from public.executions e where e.exec_type = 'Funding' and not exists (select from public.funding f where f.exec_id = e.exec_id)",
  },
  {
    says: 'closed trades whose profit is not gross profit less fees and funding', needs: ['trades'],
    counts: "select count(*)::text as count from public.trades where state = 'closed' and realised_pnl <> gross_pnl - fees - funding",
  },
];

export async function contradictionsIn(client: pg.Client): Promise<string[]> {
  const found: string[] = [];
  for (const { says, needs, counts } of CHECKS) {
    const { rows: there } = await client.query<{ all: boolean }>("select bool_and(to_regclass('public.' || name) is not null) as all from unnest($1::text[]) name", [needs]);
    if (there[0]?.all !== true) continue;
    const { rows } = await client.query<{ count: string }>(counts);
    if (rows[0]?.count !== '0') found.push(`${rows[0]?.count ?? '?'} ${says}`);
  }
  return found;
}

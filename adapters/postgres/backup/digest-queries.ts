/** The digest of a database, taken by one session in one snapshot. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { SequenceState, TableDigest } from '../../../core/backup/digest.js';
import type { WorkInHand } from '../../../core/ports/backups.js';

/** How a value is written depends on the session: digests are only comparable when both were written the same way. */
const WRITING = ["timezone = 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'iso_8601'", 'extra_float_digits = 3', "bytea_output = 'hex'", 'statement_timeout = 0', 'idle_in_transaction_session_timeout = 0', "search_path = ''"];

const OWN_SCHEMAS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'";
const NOT_OF_AN_EXTENSION = (catalogue: string): string => `not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.${catalogue}'::regclass and d.objid = c.oid and d.deptype = 'e')`;

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and c.relpersistence <> 't' and ${OWN_SCHEMAS} and ${NOT_OF_AN_EXTENSION('pg_class')} order by 1`;

const SEQUENCES = "select format('%I.%I', schemaname, sequencename) as name, last_value::text as value from pg_catalog.pg_sequences order by 1";

/** Names, types and shapes, but no expressions: the server may write those otherwise after a restore without any difference in meaning. */
const SHAPES = [
  `select 'column', format('%I.%I', n.nspname, c.relname), a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' ' || a.atthasdef || ' ' || a.attidentity::text
   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_attribute a on a.attrelid = c.oid
   where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'm', 'v', 'f') and ${OWN_SCHEMAS} and ${NOT_OF_AN_EXTENSION('pg_class')}`,
  `select 'index', format('%I.%I', n.nspname, c.relname), array_to_string(array(select pg_catalog.pg_get_indexdef(i.indexrelid, k, true) from generate_series(1, i.indnatts) k), ','), i.indisunique || ' ' || i.indisvalid
   from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${OWN_SCHEMAS}`,
  `select 'constraint', format('%I.%I', n.nspname, c.conname), c.contype::text, c.conrelid::regclass::text || ' ' || array_to_string(array(select a.attname from unnest(c.conkey) with ordinality k (number, place) join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.place), ',') || ' ' || c.convalidated
   from pg_catalog.pg_constraint c join pg_catalog.pg_namespace n on n.oid = c.connamespace where ${OWN_SCHEMAS} and c.contype <> 'n' and c.conislocal`,
  `select 'function', format('%I.%I', n.nspname, c.proname), pg_catalog.pg_get_function_identity_arguments(c.oid), md5(c.prosrc)
   from pg_catalog.pg_proc c join pg_catalog.pg_namespace n on n.oid = c.pronamespace where ${OWN_SCHEMAS} and ${NOT_OF_AN_EXTENSION('pg_proc')}`,
  `select 'trigger', c.tgrelid::regclass::text, c.tgname, c.tgenabled::text from pg_catalog.pg_trigger c where not c.tgisinternal`,
];

export async function beginSnapshot(client: pg.Client): Promise<void> {
  await client.query('begin isolation level repeatable read read only');
  for (const setting of WRITING) await client.query(`set local ${setting}`);
}

/** One table after the other, so that a worker that does something else meanwhile is not slowed down more than by one reader. */
export async function tableDigests(client: pg.Client, work: WorkInHand): Promise<TableDigest[]> {
  const { rows: tables } = await client.query<{ name: string }>(TABLES);
  const digests: TableDigest[] = [];
  for (const { name } of tables) {
    work.signal.throwIfAborted();
    work.progress(`digest of ${name}, ${digests.length + 1} of ${tables.length}`);
    const { rows } = await client.query<{ rows: string; sum: string }>(
      `select count(*)::text as rows, coalesce(sum(hashtextextended("row of the backup"::text, 0)::numeric), 0)::text as sum from ${name} as "row of the backup"`,
    );
    digests.push({ table: name, rows: rows[0]?.rows ?? '', sum: rows[0]?.sum ?? '' });
  }
  return digests;
}

export async function sequenceValues(client: pg.Client): Promise<Map<string, string | null>> {
  const { rows } = await client.query<{ name: string; value: string | null }>(SEQUENCES);
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** A sequence that came or went meanwhile is not in the snapshot, or differs. */
export function sequenceStates(before: ReadonlyMap<string, string | null>, after: ReadonlyMap<string, string | null>): SequenceState[] {
  return [...before].map(([sequence, value]) => ({ sequence, before: value, after: after.get(sequence) ?? value }));
}

export async function schemaHash(client: pg.Client): Promise<string> {
  const hash = createHash('sha256');
  for (const query of SHAPES) {
    const { rows } = await client.query<string[]>({ text: `${query} order by 1, 2, 3, 4`, rowMode: 'array' });
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  }
  return hash.digest('hex');
}

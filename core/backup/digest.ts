/**
 * The content of a database as a few numbers that do not depend on the order of rows: what a dump held and what came back
 * are the same when their digests are.
 */
export interface TableDigest {
  /** schema and name */
  table: string;
  /** decimal, as the server wrote it */
  rows: string;
  /** sum of the 64-bit hash of every row as text, decimal; a sum and no exclusive or, which two equal rows would leave unseen */
  sum: string;
}

/** Sequences do not belong to a snapshot: what a dump holds lies between what was seen before and after it. */
export interface SequenceState {
  sequence: string;
  /** decimal; null: never used */
  before: string | null;
  after: string | null;
}

export interface DatabaseDigest {
  /** by name */
  tables: TableDigest[];
  /** by name */
  sequences: SequenceState[];
  /** SHA-256 over columns, constraints, indexes and functions as the server describes them, hex */
  schema: string;
}

/** What differs between two databases, in plain words; empty: nothing. */
export function compareDigests(expected: DatabaseDigest, found: DatabaseDigest): string[] {
  return [
    ...compareNamed(expected.tables.map((row) => [row.table, row]), found.tables.map((row) => [row.table, row]), { kind: 'table', describe: tableDifference }),
    ...compareNamed(expected.sequences.map((row) => [row.sequence, row]), found.sequences.map((row) => [row.sequence, row]), { kind: 'sequence', describe: sequenceDifference }),
    ...(expected.schema === found.schema ? [] : ['the schema (columns, constraints, indexes) is not the same']),
  ];
}

function compareNamed<T>(expected: [string, T][], found: [string, T][], { kind, describe }: { kind: string; describe: (expected: T, found: T) => string | undefined }): string[] {
  const before = new Map(expected);
  const after = new Map(found);
  const differences = expected.flatMap(([name, row]) => {
    const other = after.get(name);
    const difference = other === undefined ? 'is missing' : describe(row, other);
    return difference === undefined ? [] : [`${kind} ${name} ${difference}`];
  });
  return [...differences, ...found.filter(([name]) => !before.has(name)).map(([name]) => `${kind} ${name} was not there`)];
}

function tableDifference(expected: TableDigest, found: TableDigest): string | undefined {
  if (expected.rows !== found.rows) return `has ${found.rows} rows instead of ${expected.rows}`;
  return expected.sum === found.sum ? undefined : `has ${found.rows} rows, as many as it should, with other content`;
}

function sequenceDifference({ before, after }: SequenceState, { after: found }: SequenceState): string | undefined {
  if (found === before || found === after || isBetween(found, before, after)) return undefined;
  return `stands at ${found ?? 'its start'} instead of ${before === after ? '' : `${before ?? 'its start'} to `}${after ?? 'its start'}`;
}

/** A sequence may count down; one that was never used has no number to compare with. */
function isBetween(found: string | null, before: string | null, after: string | null): boolean {
  if (found === null || after === null) return false;
  if (before === null) return true;
  const [low, high] = BigInt(before) <= BigInt(after) ? [before, after] : [after, before];
  return BigInt(low) <= BigInt(found) && BigInt(found) <= BigInt(high);
}

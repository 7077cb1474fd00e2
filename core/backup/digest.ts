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

export interface SequenceState {
  sequence: string;
  /** decimal; null: never used */
  lastValue: string | null;
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

function sequenceDifference(expected: SequenceState, found: SequenceState): string | undefined {
  return expected.lastValue === found.lastValue ? undefined : `stands at ${found.lastValue ?? 'its start'} instead of ${expected.lastValue ?? 'its start'}`;
}

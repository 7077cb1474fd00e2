/**
 * The database looked at from inside: who is connected, who waits for whom, how long queries run, and ending one. Types only;
 * `adapters/postgres` implements it.
 */

/** own: a process of this product · backup: pg_dump and its kin · other: everybody else */
export type SessionKind = 'own' | 'backup' | 'other';

export interface DatabaseSession {
  pid: number;
  kind: SessionKind;
  user: string;
  application: string;
  /** null: over a local socket */
  clientAddress: string | null;
  /** active, idle, idle in transaction …, as the server says */
  state: string;
  /** server's clock, ms: together with the pid it names the session for ever */
  startedMs: number;
  /** s since the query, or the transaction that does nothing, began; null while idle */
  runningSeconds: number | null;
  /** what it waits for; null: nothing */
  waitsFor: string | null;
  /** the beginning of the text, values blanked out */
  query: string;
}

export interface DatabaseLock {
  blockedPid: number;
  blockingPid: number;
  /** s */
  waitedSeconds: number;
  /** '' when the lock is not on a table */
  relation: string;
  mode: string;
}

export interface DatabaseReading {
  serverVersion: string;
  /** server's clock, ms */
  startedMs: number;
  maxConnections: number;
  sessions: DatabaseSession[];
  locks: DatabaseLock[];
}

/** Of the connections of one process. */
export interface PoolStatistics {
  /** kept open, and how many more may be opened under load */
  size: number;
  overflow: number;
  open: number;
  inUse: number;
  idle: number;
  /** callers that wait for a connection */
  waiting: number;
  /** since the process opened the ledger */
  opened: number;
  /** that were found dead before use, and replaced */
  replaced: number;
  /** a connection older than this is closed instead of used, s */
  recycleAfterSeconds: number;
}

export interface DatabaseWatch {
  readDatabase(): Promise<DatabaseReading>;
  /** Ends exactly that session. False: it is gone already. Rejects with 10003 when the role may not. */
  endSession(session: Pick<DatabaseSession, 'pid' | 'startedMs'>): Promise<boolean>;
  poolStatistics(): PoolStatistics;
}

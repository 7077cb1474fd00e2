/**
 * What recovering a database needs of its server beyond what backups need. Types only; `adapters/postgres/rescue` implements it.
 *
 * Contract: rejects only with `BotError`; every call may be repeated after a death in its middle.
 */
import type { WorkInHand } from './backups.js';

/** serves: it opens new sessions · starting: it is recovering by itself · away: it does not answer, or opens none · refuses: it answers and does not let us in */
export interface ServerStanding {
  kind: 'serves' | 'starting' | 'away' | 'refuses';
  detail: string;
}

export interface DatabaseSwap {
  live: string;
  /** takes the name of the live one */
  restored: string;
  /** the name under which the live one stays */
  kept: string;
}

export interface PreservedDump {
  file: string;
  bytes: number;
  /** tables whose rows cannot be read any more */
  withoutRowsOf: string[];
}

export interface DatabaseRescue {
  /** of the live database */
  readonly name: string;
  /** by a new session; never rejects */
  standing(): Promise<ServerStanding>;
  /**
   * Both renames in one transaction: there is no moment at which neither bears the live name. Sessions are ended, and none is let
   * in until it is done. `already`: an earlier attempt did it.
   */
  swap(names: DatabaseSwap): Promise<{ kind: 'swapped' | 'already'; endedSessions: number }>;
  /** lets sessions in again after a swap that was given up */
  admitSessions(name: string): Promise<void>;
  /** Dumps a database as far as it can be read: a table that cannot be keeps its definition and loses its rows. */
  dumpReadable(job: { database: string; file: string }, work: WorkInHand): Promise<PreservedDump>;
  /** names of the migrations that ran */
  migrate(database: string): Promise<string[]>;
}

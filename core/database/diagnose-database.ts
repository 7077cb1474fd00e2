/**
 * What is wrong with the database, and which sessions may be ended for it.
 *
 * Invariants
 * 1. A session of this product is never ended, a backup only when that was asked for by name.
 * 2. Who is spared is named with the reason.
 */
import type { DatabaseReading, DatabaseSession } from '../ports/database-watch.js';

export interface TerminationRules {
  /** longer than this */
  overMinutes: number;
  includeBackups: boolean;
}

export interface DatabaseDiagnosis {
  /** plain words, one a line; the first says how it is on the whole */
  lines: string[];
  /** to be ended */
  long: DatabaseSession[];
  spared: { session: DatabaseSession; because: string }[];
}

/** The share of connections from which on more are worth a warning. */
const CROWDED = 0.8;
const QUERYING: readonly string[] = ['active', 'idle in transaction', 'idle in transaction (aborted)'];

export function diagnoseDatabase(reading: DatabaseReading, rules: TerminationRules): DatabaseDiagnosis {
  const running = reading.sessions.filter(({ state, runningSeconds }) => QUERYING.includes(state) && (runningSeconds ?? 0) > rules.overMinutes * 60);
  const judged = running.map((session) => ({ session, because: sparedBecause(session, rules) }));
  const long = judged.filter(({ because }) => because === undefined).map(({ session }) => session);
  const spared = judged.flatMap(({ session, because }) => (because === undefined ? [] : [{ session, because }]));
  return { lines: linesOf(reading, { long, spared }), long, spared };
}

function sparedBecause({ kind }: DatabaseSession, { includeBackups }: TerminationRules): string | undefined {
  if (kind === 'own') return 'it is a session of the bot';
  return kind === 'backup' && !includeBackups ? 'it is a backup' : undefined;
}

function linesOf({ sessions, locks, maxConnections, serverVersion }: DatabaseReading, { long, spared }: Pick<DatabaseDiagnosis, 'long' | 'spared'>): string[] {
  const used = sessions.length + 1;
  const crowded = used > CROWDED * maxConnections ? ': nearly all of them; look who holds them, or raise max_connections' : '';
  return [
    `PostgreSQL ${serverVersion} answers; ${used} of ${maxConnections} connections of this database are in use${crowded}`,
    ...countedStates(sessions),
    ...locks.map(({ blockedPid, blockingPid, relation, mode, waitedSeconds }) => `session ${blockedPid} has waited ${waitedSeconds} s for ${blockingPid}${relation === '' ? '' : ` (${relation}, ${mode})`}`),
    ...long.map((session) => `${sessionWords(session)}: may be ended`),
    ...spared.map(({ session, because }) => `${sessionWords(session)}: is spared, ${because}`),
  ];
}

function countedStates(sessions: readonly DatabaseSession[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, state } of sessions) counts.set(`${kind} ${state}`, (counts.get(`${kind} ${state}`) ?? 0) + 1);
  return counts.size === 0 ? [] : [[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${count} ${name}`).join(', ')];
}

export function sessionWords({ pid, user, application, state, runningSeconds, query }: DatabaseSession): string {
  return `session ${pid} (${user}, ${application || 'no name'}) ${state} for ${runningSeconds ?? 0} s: ${query}`;
}

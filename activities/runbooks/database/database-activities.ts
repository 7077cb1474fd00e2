/** Looking at the database and ending sessions, as activities. A session is named by pid and start, so a repetition ends nobody else. */
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import { diagnoseDatabase, sessionWords, type DatabaseDiagnosis } from '../../../core/database/diagnose-database.js';
import type { DatabaseSession } from '../../../core/ports/database-watch.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { DatabaseTroubleshootingParams } from '../../../core/runbooks/database-troubleshooting.js';
import { withActivityFailures } from '../../failure.js';
import { orUndefined } from '../framework/or-undefined.js';
import { planned, type PlanDependencies } from '../framework/planned.js';

export interface DatabaseDependencies extends Omit<PlanDependencies, 'ledger'> {
  ledger(): Promise<Ledger>;
  logger: Logger;
  /** waits and says that it lives, ms */
  pulse(ms: number): Promise<void>;
}

/** What was found, for the steps after it. */
export interface DatabaseFound {
  lines: string[];
  long: SessionName[];
  /** server's clock, ms; null: it does not answer */
  startedMs: number | null;
}

export type SessionName = Pick<DatabaseSession, 'pid' | 'startedMs'>;

export type DatabaseActivities = ReturnType<typeof createDatabaseActivities>;

const ASK_EVERY_MS = 250;
const NO_LIMIT = Infinity;

export function createDatabaseActivities(deps: DatabaseDependencies) {
  return withActivityFailures({
    planDatabaseTroubleshooting: planned('databaseTroubleshooting', deps, (params) => plan(deps, params)),
    diagnoseDatabase: (params: DatabaseTroubleshootingParams) => diagnose(deps, params),
    endSession: (session: SessionName) => endSession(deps, session),
    awaitDatabase: (wanted: { startedAfterMs: number | null; untilMs: number }) => awaitDatabase(deps, wanted),
  }, deps.logger);
}

async function plan(deps: DatabaseDependencies, params: DatabaseTroubleshootingParams): Promise<PlanFindings> {
  const looked = await look(deps, params);
  const ends = looked.diagnosis.long.map(({ pid, application, query }) => `session ${pid} (${application || 'no name'}) is ended: ${query}`);
  const restarts = params.restart ? ['the database is restarted through its supervisor: open statements are rolled back, every process reconnects by itself; positions keep their stops, new entries wait until the ledger is level'] : [];
  const away = looked.startedMs === null;
  return {
    targets: ['the database of the ledger'],
    effects: [...ends, ...restarts, ...(ends.length + restarts.length === 0 ? ['nothing is changed'] : [])],
    warnings: looked.diagnosis.lines,
    refusals: away && !params.restart ? [`${looked.diagnosis.lines.join('; ')}: run it with restart, or look at the server's own log`] : [],
    found: { long: looked.diagnosis.long.map(({ pid, startedMs }) => `${pid}-${startedMs}`), restart: params.restart, answers: !away },
  };
}

async function diagnose(deps: DatabaseDependencies, params: DatabaseTroubleshootingParams): Promise<DatabaseFound> {
  const { diagnosis, startedMs } = await look(deps, params);
  return { lines: diagnosis.lines, long: diagnosis.long.map(({ pid, startedMs: began }) => ({ pid, startedMs: began })), startedMs };
}

/** A database that is away is an answer. */
async function look({ ledger }: DatabaseDependencies, { terminate_over_minutes: overMinutes, include_backups: includeBackups }: DatabaseTroubleshootingParams): Promise<{ diagnosis: DatabaseDiagnosis; startedMs: number | null }> {
  try {
    const reading = await (await ledger()).readDatabase();
    return { diagnosis: diagnoseDatabase(reading, { overMinutes: overMinutes ?? NO_LIMIT, includeBackups }), startedMs: reading.startedMs };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { diagnosis: { lines: [`the database does not answer: ${error.message}`], long: [], spared: [] }, startedMs: null };
  }
}

/** Plain words. Somebody whom the role may not end is left to a person. */
async function endSession({ ledger, logger }: DatabaseDependencies, session: SessionName): Promise<{ ended: boolean; detail: string }> {
  const open = await ledger();
  const found = (await open.readDatabase()).sessions.find(({ pid, startedMs }) => pid === session.pid && startedMs === session.startedMs);
  if (found === undefined || found.kind === 'own') return { ended: true, detail: `session ${session.pid} is gone` };
  try {
    await open.endSession(session);
    logger.warning('A database session was ended: its query ran too long', { pid: found.pid, application: found.application, seconds: found.runningSeconds });
    return { ended: true, detail: `ended ${sessionWords(found)}` };
  } catch (error) {
    if (!isBotError(error) || error.retryable) throw error;
    return { ended: false, detail: `${error.message}; ${error.fix}` };
  }
}

/** Until it answers, and has been started after the instant when one is given. Rejects with 10003 at the limit. */
async function awaitDatabase({ ledger, now, pulse }: DatabaseDependencies, { startedAfterMs, untilMs }: { startedAfterMs: number | null; untilMs: number }): Promise<string> {
  for (;;) {
    const reading = await orUndefined(async () => (await ledger()).readDatabase());
    if (reading !== undefined && (startedAfterMs === null || reading.startedMs > startedAfterMs)) return `PostgreSQL ${reading.serverVersion} answers, up since ${new Date(reading.startedMs).toISOString()}`;
    if (now() >= untilMs) throw new BotError(10003, reading === undefined ? 'the database does not answer after the restart' : 'the database answers, but it was not restarted', { fix: 'look at logs of the supervisor and of PostgreSQL; then: npx bot database --restart', retryable: false });
    await pulse(ASK_EVERY_MS);
  }
}

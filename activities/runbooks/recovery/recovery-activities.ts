/**
 * The steps of a database recovery. Each can be repeated after a death in its middle: names and ids are functions of the run, a
 * half restored database is dropped and restored anew, both renames are one transaction.
 */
import type { BackupSummary } from '../../../core/ports/backups.js';
import type { Latch } from '../../../core/ports/emergency-latch.js';
import type { DatabaseSwap, ServerStanding } from '../../../core/ports/database-rescue.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { withActivityFailures } from '../../failure.js';
import { notingDamage } from '../backup/note-damage.js';
import { restoreBackup } from '../backup/restore-backup.js';
import { planned } from '../framework/planned.js';
import { agree, recallTrades, type AgreeRequest } from './agree.js';
import { carryOver } from './carry-over.js';
import { fence, release, type Release } from './fence.js';
import { preserve } from './preserve.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';
import { recallRuns } from './recall-runs.js';
import { chosenBackup, planRecovery } from './recovery-plan.js';

export type RecoveryActivities = ReturnType<typeof createRecoveryActivities>;

export function createRecoveryActivities(deps: RecoveryDependencies) {
  const { rescue, server, backups, now } = deps;
  return withActivityFailures({
    planDatabaseRecovery: planned('databaseRecovery', deps, (params) => planRecovery(deps, params)),
    chooseBackup: (wanted: string | null): Promise<BackupSummary> => chosenBackup(deps, wanted),
    nameOfLedger: () => Promise.resolve(rescue.name),
    fenceTrading: (latch: Latch) => fence(deps, latch),
    serverStanding: (): Promise<ServerStanding> => rescue.standing(),
    preserveDatabase: (kept: string) => preserve(deps, kept),
    restoreInto: (job: { backupId: string; database: string }) =>
      notingDamage({ archive: backups, now }, job.backupId, () => deps.underWay((work) => restoreBackup({ backups, server, now, work }, job))),
    migrateRestored: (database: string) => rescue.migrate(database),
    verifyRestored: (database: string) => verify(deps, database),
    carryOver: (database: string) => carryOver(deps, database),
    swapDatabases: (names: DatabaseSwap) => rescue.swap(names),
    givenUp: (names: Pick<DatabaseSwap, 'live' | 'restored'>) => giveUp(deps, names),
    recallTrades: (sinceMs: number) => recallTrades(deps, sinceMs),
    recallRuns: (sinceMs: number) => recallRuns(deps, sinceMs),
    historyGap: (watermarkMs: number | null) => gapFrom(deps, watermarkMs),
    agreeAll: (request: AgreeRequest) => agree(deps, request),
    releaseFence: (request: Release) => release(deps, request),
  }, deps.logger);
}

/** Guide, "Database Recovery", step 5: it answers, its tables can be counted, and what it says does not contradict itself. */
async function verify({ server, openLedger }: RecoveryDependencies, database: string): Promise<string> {
  const contradictions = await server.contradictions(database);
  if (contradictions.length > 0) throw new BotError(40003, `the restored ledger contradicts itself: ${contradictions.slice(0, 5).join('; ')}`, { retryable: false, fix: 'restore an older backup: npx bot backup list, then npx bot restore BACKUP_ID' });
  const ledger = await openLedger(database);
  try {
    const [open, newestMs, decidedMs] = await Promise.all([ledger.openTrades(), ledger.newestExecutionMs(), ledger.decidedThroughMs()]);
    return `${open.length} trades were open, the newest execution is of ${iso(newestMs)}, it was decided through ${iso(decidedMs)}; nothing contradicts itself`;
  } finally {
    await ledger.close();
  }
}

/** The live database lets sessions in again; what was restored goes. Nothing is given up once the restored one has the live name. */
async function giveUp({ rescue, server }: RecoveryDependencies, { live, restored }: Pick<DatabaseSwap, 'live' | 'restored'>): Promise<void> {
  if (await server.exists(live)) await rescue.admitSessions(live);
  await server.dropDatabase(restored);
}

/** Executions become visible late at times, and the ledger of the backup may have been behind: the exchange is asked for more than is missing. */
const OVERLAP_MS = 3_600_000;

/** Exchange ms from which on the exchange is asked. */
async function gapFrom({ ledger }: RecoveryDependencies, watermarkMs: number | null): Promise<number> {
  if (watermarkMs !== null) return watermarkMs - OVERLAP_MS;
  const opening = await (await ledger()).state('opening');
  if (opening === null) throw new BotError(40003, 'the restored ledger does not say when it began', { retryable: false, fix: 'restore another backup: npx bot backup list' });
  return Number(opening['fromMs']);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

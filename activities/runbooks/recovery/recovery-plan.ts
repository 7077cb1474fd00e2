/** What a recovery would do: from which backup, into which database, and what only the exchange can bring back. */
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import type { BackupSummary } from '../../../core/ports/backups.js';
import type { DatabaseRecoveryParams } from '../../../core/runbooks/database-recovery.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';

type Deps = Pick<RecoveryDependencies, 'backups' | 'rescue' | 'bot'>;

export async function planRecovery(deps: Deps, { backup_id: wanted }: DatabaseRecoveryParams): Promise<PlanFindings> {
  const { name } = deps.rescue;
  const [chosen, standing, bot] = await Promise.all([choiceOf(deps, wanted), deps.rescue.standing(), botWords(deps.bot)]);
  if ('refusal' in chosen) return { targets: [`database ${name}`], effects: [], warnings: [], refusals: [chosen.refusal], found: { database: name, backupId: null } };
  const { backupId, takenAtMs, watermark } = chosen;
  return {
    targets: [`database ${name} (${standing.detail})`, `backup ${backupId} of ${iso(takenAtMs)}`],
    effects: [
      `no position is opened until exchange, ledger and bot agree again; stops on the exchange stay. The bot now: ${bot}`,
      `what can be read of ${name} is dumped, and the database itself is kept under another name; nothing of it is deleted`,
      ...(standing.kind === 'away' ? ['the database server is started anew; when it does not come up its data directory is set aside and a new one is made (one-command stack only)'] : []),
      `backup ${backupId} is restored into a new database, proven by its digests, and takes the name ${name}`,
      `executions, orders, funding and candles since ${watermark.newestExecutionMs === null ? 'the beginning' : iso(watermark.newestExecutionMs)} are fetched from the exchange, trades are rebuilt`,
      'afterwards trading goes on if it was running before',
    ],
    warnings: ['decisions, events and the audit trail since the backup remain only in the kept database and its dump: no exchange knows them'],
    refusals: standing.kind === 'refuses' ? [`${standing.detail}: correct DATABASE_URL`] : [],
    found: { database: name, backupId },
  };
}

/** Rejects with 40004 when there is none. */
export async function chosenBackup(deps: Pick<Deps, 'backups'>, wanted: string | null): Promise<BackupSummary> {
  const choice = await choiceOf(deps, wanted);
  if ('refusal' in choice) throw new BotError(40004, choice.refusal, { retryable: false });
  return choice;
}

async function choiceOf({ backups }: Pick<Deps, 'backups'>, wanted: string | null): Promise<BackupSummary | { refusal: string }> {
  const all = await backups.list();
  const found = wanted === null ? all.find(({ verified }) => verified) : all.find(({ backupId }) => backupId === wanted);
  if (found === undefined) return { refusal: wanted === null ? noneVerified(all.length) : `there is no backup ${wanted}: npx bot backup list` };
  return found.verified ? found : { refusal: `backup ${found.backupId} was never proven by a restore: npx bot backup verify ${found.backupId}` };
}

function noneVerified(backups: number): string {
  const there = backups === 0 ? 'there is no backup' : `none of the ${backups} backups was proven by a restore`;
  return `${there}: name a folder or bucket that holds one (configuration, backup), or prove one: npx bot backup verify BACKUP_ID`;
}

async function botWords(bot: Deps['bot']): Promise<string> {
  try {
    return (await bot.status()).lifecycle;
  } catch (error) {
    if (!isBotError(error)) throw error;
    return 'not known now';
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

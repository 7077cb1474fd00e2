/** Records of runbooks that are newer than the backup: Temporal remembers the runs, and each says what its record would say. */
import { isBotError } from '../../../core/errors/bot-error.js';
import { saveRecord } from '../framework/framework-activities.js';
import { withoutAnswer } from './agree.js';
import type { RecoveryDependencies, RunMemory } from './recovery-dependencies.js';

/** Returns plain words. No recovery fails for the want of a record. */
export async function recallRuns({ runs: memory, ledger }: Pick<RecoveryDependencies, 'runs' | 'ledger'>, sinceMs: number): Promise<string> {
  const remembered = await ask(memory, sinceMs);
  if (typeof remembered === 'string') return remembered;
  const { runs, silent } = remembered;
  const open = await ledger();
  for (const run of runs) await saveRecord(open, run);
  return `${runs.length} records of runbooks${withoutAnswer(silent)}`;
}

async function ask(memory: RunMemory, sinceMs: number): Promise<Awaited<ReturnType<RunMemory['runsSince']>> | string> {
  try {
    return await memory.runsSince(sinceMs);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return `records of runbooks are as old as the backup: ${error.message}`;
  }
}

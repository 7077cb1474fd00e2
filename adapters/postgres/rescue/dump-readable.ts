/**
 * Dumps of a damaged database what can still be read: pg_dump names the table that it cannot read, whose rows are then left
 * out of the next attempt.
 */
import { rm, stat } from 'node:fs/promises';
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import type { WorkInHand } from '../../../core/ports/backups.js';
import type { PreservedDump } from '../../../core/ports/database-rescue.js';
import type { ClientPrograms } from '../backup/client-programs.js';
import { runProgram } from '../backup/run-program.js';

/** pg_dump: `Dumping the contents of table "trades" failed: …` */
const UNREADABLE_TABLE = /contents of table "([^"]{1,63})" failed/;
/** more tables than a ledger has */
const ATTEMPTS_MAX = 60;

export interface ReadableDump {
  programs: ClientPrograms;
  databaseUrl: string;
  /** absolute path; an earlier attempt's is overwritten */
  file: string;
  work: WorkInHand;
}

/** Rejects with what pg_dump said when leaving tables out does not help. */
export async function dumpReadable({ programs, databaseUrl, file, work }: ReadableDump): Promise<PreservedDump> {
  const withoutRowsOf: string[] = [];
  for (;;) {
    const left = withoutRowsOf.map((table) => `--exclude-table-data=*.${JSON.stringify(table)}`);
    try {
      await runProgram({ programs, program: 'pg_dump', args: ['--format=custom', '--no-password', `--file=${file}`, ...left], databaseUrl, work });
      return { file, bytes: (await stat(file)).size, withoutRowsOf };
    } catch (error) {
      const table = isBotError(error) ? UNREADABLE_TABLE.exec(error.message)?.[1] : undefined;
      if (table === undefined || withoutRowsOf.includes(table) || withoutRowsOf.length >= ATTEMPTS_MAX) {
        await rm(file, { force: true });
        throw error instanceof BotError ? error : new BotError(10003, 'pg_dump could not be run', { cause: error });
      }
      withoutRowsOf.push(table);
    }
  }
}

/** Finds the password of the embedded database, where `npm start` put it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PASSWORD_FILE = 'trading_user.password';
/** Left in the data directory by a stack that root started where the database's user may not enter: it says where the database is. */
const NOTE = 'LOCATION';

/** Throws the file system's own error, with the path, when there is none. */
export async function readLedgerPassword(dataDirectory: string): Promise<string> {
  return (await readFile(join(await databaseFolder(dataDirectory), PASSWORD_FILE), 'utf8')).trim();
}

async function databaseFolder(dataDirectory: string): Promise<string> {
  const usual = join(dataDirectory, 'postgres');
  try {
    return (await readFile(join(usual, NOTE), 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return usual;
    throw error;
  }
}

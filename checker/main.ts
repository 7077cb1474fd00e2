/**
 * `npm run check:ledger`: prints the verdict. Exit code 0: the books are equal; 1: they differ; 2: one of them could not be
 * read. Without options it looks where `npm start` puts things.
 */
import { Command } from 'commander';
import { compareBooks } from './compare-books.js';
import { readExchangeBook } from './exchange-book.js';
import { readLedgerBook } from './ledger-book.js';
import { readLedgerPassword } from './ledger-password.js';

/** docs/ARCHITECTURE.md, invariant 2. */
const UNPROTECTED_MS_MAX = 2_000;

interface Options {
  simulator: string;
  database: string;
  dataDir: string;
}

const options = new Command('npm run check:ledger --')
  .description('Compares the ledger with the simulated exchange’s own book, to the last decimal')
  .option('--simulator <url>', 'address of the simulated exchange', 'http://127.0.0.1:18080')
  .option('--database <url>', 'address of the ledger', 'postgres://trading_user@127.0.0.1:15432/trading_bot_prod')
  .option('--data-dir <dir>', 'where the password of the embedded database is read when the address has none', 'data')
  .parse()
  .opts<Options>();

async function withPassword({ database, dataDir }: Options): Promise<string> {
  const address = new URL(database);
  if (address.password !== '') return database;
  address.password = encodeURIComponent(await readLedgerPassword(dataDir));
  return address.href;
}

/** What cannot be read is named, never taken for an empty book. */
async function reading<T>(what: string, fix: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const because = error instanceof Error && error.message !== '' ? error.message : String(error);
    process.stderr.write(`${what} cannot be read: ${because}\n${fix}\n`);
    process.exit(2);
  }
}

const book = await reading('The exchange’s book', 'Is the simulator up? Give its address with --simulator.', () => readExchangeBook(options.simulator));
const ledger = await reading('The ledger', 'Is PostgreSQL up? Give its address with --database, or its data directory with --data-dir.', async () => readLedgerBook(await withPassword(options)));
const verdict = compareBooks(book, ledger, { unprotectedMsMax: UNPROTECTED_MS_MAX });
for (const [name, value] of Object.entries(verdict.figures)) process.stdout.write(`${name}: ${value}\n`);
for (const finding of verdict.findings) process.stdout.write(`DIFFERS  ${finding}\n`);
process.stdout.write(verdict.findings.length === 0 ? 'The ledger equals the exchange’s book.\n' : `${verdict.findings.length} differences\n`);
process.exitCode = verdict.findings.length === 0 ? 0 : 1;

/** `npm run check:ledger -- --simulator URL --database URL`: prints the verdict; exit code 1 when the books differ. */
import { Command } from 'commander';
import { compareBooks } from './compare-books.js';
import { readExchangeBook } from './exchange-book.js';
import { readLedgerBook } from './ledger-book.js';

/** DESIGN invariant 2. */
const UNPROTECTED_MS_MAX = 2_000;

const options = new Command()
  .description('Compares the ledger with the simulated exchange’s own book, to the last decimal')
  .requiredOption('--simulator <url>', 'address of the simulated exchange, for example http://127.0.0.1:9100')
  .requiredOption('--database <url>', 'address of the ledger, for example postgres://trading_user@127.0.0.1:5432/trading_bot_prod')
  .parse()
  .opts<{ simulator: string; database: string }>();

const [book, ledger] = await Promise.all([readExchangeBook(options.simulator), readLedgerBook(options.database)]);
const verdict = compareBooks(book, ledger, { unprotectedMsMax: UNPROTECTED_MS_MAX });
for (const [name, value] of Object.entries(verdict.figures)) process.stdout.write(`${name}: ${value}\n`);
for (const finding of verdict.findings) process.stdout.write(`DIFFERS  ${finding}\n`);
process.stdout.write(verdict.findings.length === 0 ? 'The ledger equals the exchange’s book.\n' : `${verdict.findings.length} differences\n`);
process.exitCode = verdict.findings.length === 0 ? 0 : 1;

/**
 * The verbs that carry out a runbook. A new one is an entry here: words of the command line in, parameters of the runbook out.
 * `npx bot run NAME` reaches every runbook, also those without a verb of their own.
 */
import { Argument, Option } from 'commander';
import { RESTARTABLE } from '../core/runbooks/graceful-restart.js';
import type { RunbookName } from '../core/runbooks/runbook.js';

export interface RunbookCommand {
  /** as typed; several words make a sub-command: `backup verify` */
  words: string;
  runbook: RunbookName;
  about: string;
  arguments?: readonly Argument[];
  options?: readonly Option[];
  params(given: { arguments: readonly (string | undefined)[]; options: Readonly<Record<string, unknown>> }): Record<string, unknown>;
}

export const RUNBOOK_COMMANDS: readonly RunbookCommand[] = [
  {
    words: 'restart',
    runbook: 'gracefulRestart',
    about: 'restart a service gracefully: pause, wait, save, restart, verify, resume',
    arguments: [new Argument('[service]', 'what to restart').choices(RESTARTABLE).default('trading-worker')],
    params: ({ arguments: [service] }) => ({ service }),
  },
  {
    words: 'release',
    runbook: 'releaseEmergency',
    about: 'end an emergency stop after exchange, ledger and bot were compared; the bot stays paused',
    arguments: [new Argument('<halt-id>', 'of the halt that is to end')],
    params: ({ arguments: [haltId] }) => ({ halt_id: haltId }),
  },
  {
    words: 'database',
    runbook: 'databaseTroubleshooting',
    about: 'show connections, locks and long queries; end queries that run too long, restart the database',
    options: [
      new Option('--terminate-over <minutes>', 'end queries that run longer, never those of the bot').argParser(Number),
      new Option('--include-backups', 'end also those of backups'),
      new Option('--restart', 'restart PostgreSQL through its supervisor'),
    ],
    params: ({ options }) => ({ terminate_over_minutes: options['terminateOver'] ?? null, include_backups: options['includeBackups'] === true, restart: options['restart'] === true }),
  },
  {
    words: 'reconcile',
    runbook: 'reconcileBalance',
    about: 'compare exchange and ledger, explain what differs, repair what the exchange proves',
    options: [
      new Option('--exchange-balance <usdt>', 'what-if: a balance seen at the exchange; changes nothing'),
      new Option('--database-balance <usdt>', 'what-if: the balance that the database gave instead'),
    ],
    params: ({ options }) => ({ exchange_balance: options['exchangeBalance'] ?? null, database_balance: options['databaseBalance'] ?? null }),
  },
  {
    words: 'recover-trades',
    runbook: 'recoverTradeHistory',
    about: 'insert what the ledger lacks of a span from the exchange, and rebuild its trades',
    options: [
      new Option('--start-date <date>', 'a UTC day (2024-09-01) or instant (2024-09-01T06:00:00Z)').makeOptionMandatory(),
      new Option('--end-date <date>', 'a UTC day, to its end, or an instant').makeOptionMandatory(),
      new Option('--symbols <list>', 'separated by commas; absent: every symbol that was traded'),
    ],
    params: ({ options }) => ({ start_date: options['startDate'], end_date: options['endDate'], symbols: listOf(options['symbols']) }),
  },
  {
    words: 'save-state',
    runbook: 'saveState',
    about: 'save a snapshot of the whole bot as a file in its data directory',
    options: [new Option('--emergency', 'save whatever can be had, with anything away')],
    params: ({ options }) => ({ kind: options['emergency'] === true ? 'emergency' : 'save' }),
  },
];

function listOf(text: unknown): string[] {
  return typeof text === 'string' ? text.split(',').map((part) => part.trim()).filter((part) => part !== '') : [];
}

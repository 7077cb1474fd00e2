/** What the steps of a database recovery work with; the composition root of the maintenance worker provides it. */
import type { BackupArchive, BackupStore, DatabaseServer, WorkInHand } from '../../../core/ports/backups.js';
import type { DatabaseRescue } from '../../../core/ports/database-rescue.js';
import type { EmergencyLatch, Latch, LatchPlace } from '../../../core/ports/emergency-latch.js';
import type { Exchange } from '../../../core/ports/exchange.js';
import type { Ledger, TradeRow } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { RunbookRun } from '../../../core/runbooks/run.js';
import type { BotCommand, BotStatus, CommandRequest, CommandResult } from '../../../workflows/messages.js';
import type { PlanDependencies } from '../framework/planned.js';

/** The bot, as a client of its workflow sees it. Rejects with 10006 when no worker answers. */
export interface RecoveryBot {
  status(): Promise<BotStatus>;
  internalState(): Promise<Record<string, unknown>>;
  command(verb: 'resume', request: CommandRequest): Promise<{ kind: 'applied'; result: CommandResult } | { kind: 'queued' }>;
  order(command: BotCommand): Promise<{ kind: 'applied'; result: CommandResult } | { kind: 'queued' }>;
}

/** What Temporal remembers of trades. */
export interface TradeMemory {
  /** the newest word of every trade that runs, or ended after the instant (host ms). silent: workflows that do not answer, though others do */
  rowsSince(sinceMs: number): Promise<{ rows: TradeRow[]; silent: string[] }>;
}

/** What Temporal remembers of runs of runbooks, at most the newest 500. */
export interface RunMemory {
  /** the newest word of every run that runs, or ended after the instant (host ms). silent: ids of runs that do not answer, though others do. Rejects with 10006 */
  runsSince(sinceMs: number): Promise<{ runs: RunbookRun[]; silent: string[] }>;
}

export interface RecoveryDependencies extends PlanDependencies {
  rescue: DatabaseRescue;
  server: DatabaseServer;
  backups: BackupStore & Pick<BackupArchive, 'recordVerification'>;
  /** the live one */
  ledger(): Promise<Ledger>;
  /** of another database of the server; to be closed */
  openLedger(database: string): Promise<Ledger>;
  latch: EmergencyLatch;
  /** the place of the latch that lies in a ledger */
  latchIn(ledger: Ledger): LatchPlace;
  haltBot(latch: Latch): Promise<'obeyed' | 'queued' | 'absent'>;
  bot: RecoveryBot;
  trades: TradeMemory;
  runs: RunMemory;
  exchange: Pick<Exchange, 'positions' | 'openOrders'>;
  /** folder of the data directory in which dumps of damaged databases are kept; absolute */
  keptFolder: string;
  /** tells Temporal that the work goes on, and the work when it is cancelled */
  underWay<T>(run: (work: WorkInHand) => Promise<T>): Promise<T>;
  /** tells Temporal that the activity lives, then waits; rejects when it is cancelled or the worker leaves */
  pulse(ms: number): Promise<void>;
  logger: Logger;
}

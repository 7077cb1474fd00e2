/** What the steps of a graceful restart work with; the composition root of the maintenance worker provides it. */
import type { Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { BotStatus, CommandRequest, CommandResult } from '../../../workflows/messages.js';
import type { PlanDependencies } from '../framework/planned.js';
import type { StateDependencies } from '../state/state-activities.js';

/** The bot, as a client of its workflow sees it. */
export interface BotDesk {
  /** rejects with 10006 when no worker answers */
  status(): Promise<BotStatus>;
  command(verb: 'pause' | 'resume', request: CommandRequest): Promise<{ kind: 'applied'; result: CommandResult } | { kind: 'queued' }>;
}

export interface Probe {
  name: string;
  vital: boolean;
  check(): Promise<{ state: 'ok' | 'degraded' | 'down'; detail: string; seenAtMs?: number | null }>;
}

export interface RestartDependencies extends PlanDependencies {
  ledger(): Promise<Pick<Ledger, 'runDurationsMs' | 'processReports' | 'state'>>;
  state: StateDependencies;
  bot: BotDesk;
  probes: readonly Probe[];
  /** workflows that close positions by hand, by id */
  closingsUnderWay(): Promise<string[]>;
  /** tells the bot of a candle that it may not have heard of */
  announceCandle(closeMs: number): Promise<void>;
  /** true when an HTTP server answers there */
  serves(url: string): Promise<boolean>;
  /** tells Temporal that the activity lives, then waits; rejects when it is cancelled or the worker leaves */
  pulse(ms: number): Promise<void>;
  logger: Logger;
}

/**
 * The configuration as it can change while the bot runs. A version is named by the hash of its content, so a workflow can
 * say which one a decision is made with, and every worker finds exactly that one.
 *
 * Invariants
 * 1. Content under one hash never changes: versions are stored by hash and kept.
 * 2. `current()` is complete and frozen; nothing is half applied.
 */
import type { BotError } from '../errors/bot-error.js';
import type { ErrorCode } from '../errors/catalogue.js';
import type { Interval } from '../market/interval.js';
import type { RiskLimits } from '../risk/risk-limits.js';
import type { ConfiguredStrategy } from '../strategies/configured-strategy.js';
import type { BoundarySchedule } from '../trading/boundary-report.js';

/** The newest accepted version as a document of the ledger's state. */
export const CONFIGURATION_STATE = 'configuration';

/** Every accepted version, by its hash, as a document of the ledger's state. */
export function configurationVersionState(hash: string): string {
  return `${CONFIGURATION_STATE}:${hash}`;
}

/** A strategy of the user's own, as it was accepted; symbol and interval stand here for when its file is gone. */
export interface OwnStrategyFile {
  sha256: string;
  symbol: string;
  interval: Interval;
}

/** Plain JSON. */
export interface ConfigurationVersion {
  /** sha256 of the canonical text of `document` and `strategyFiles`, hexadecimal */
  hash: string;
  /** as the file would say it, with every default filled in; holds nothing that only one process needs */
  document: Record<string, unknown>;
  /** of the user's own strategies that the document names, by name: only code that was accepted is executed */
  strategyFiles: Record<string, OwnStrategyFile>;
}

export interface AcceptedConfiguration extends ConfigurationVersion {
  /** host ms */
  acceptedAtMs: number;
  /** start: a trading worker read its file · reload: an operator asked for it */
  acceptedBy: 'start' | 'reload';
}

export interface StrategyInConfiguration extends ConfiguredStrategy {
  readonly enabled: boolean;
  /** 10008: why it cannot be evaluated, whatever its candles; the others go on */
  readonly unfit?: BotError;
}

/** A version that decisions are made with. */
export interface ActiveConfiguration {
  readonly hash: string;
  /** disabled ones included, in the order of the file */
  readonly strategies: readonly StrategyInConfiguration[];
  readonly limits: RiskLimits;
  /** of the enabled strategies */
  readonly schedule: BoundarySchedule;
}

export interface ConfigurationInForce {
  current(): ActiveConfiguration;
  /**
   * Makes the named version current; null keeps what is. Rejects with `BotError` when the version cannot be had, and
   * `current()` stays as it was.
   */
  ensure(hash: string | null): Promise<void>;
}

/** What a configuration file holds at the moment. Findings name no path of this machine. */
export type ConfigurationReading =
  | { kind: 'valid'; version: ConfigurationVersion; processSettings: Record<string, unknown> }
  | { kind: 'wrong'; code: ErrorCode; findings: readonly { field: string; problem: string; fix: string }[] };

/** The configuration file of this process. */
export interface ConfigurationFile {
  /** the sections of this process alone, as it started with them */
  readonly processSettings: Record<string, unknown>;
  read(): Promise<ConfigurationReading>;
  /** without values that are named like a secret */
  redact(value: Record<string, unknown>): Record<string, unknown>;
}

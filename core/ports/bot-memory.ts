/** The bot's part of the ledger's small documents: what must survive a lost Temporal history. */
import type { RiskState } from '../risk/risk-state.js';
import type { PausedBy } from '../risk/self-pause.js';

export const BOT_STATE_NAME = 'trading-bot';

export interface BotMemory {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  reason: string;
  pausedBy: PausedBy | null;
  risk: RiskState;
  /** what an operator ordered against the configuration: enabled or not, by strategy */
  overrides: Record<string, boolean>;
  halt: { haltId: string; atMs: number; reason: string } | null;
  /** the halt that was released last: its latch may still be set for a moment */
  releasedHaltId: string | null;
  /** null: what the configuration file says at start */
  configurationHash: string | null;
}

export const MEMORY_FIELDS = ['lifecycle', 'reason', 'pausedBy', 'risk', 'overrides', 'halt', 'releasedHaltId', 'configurationHash'] as const satisfies readonly (keyof BotMemory)[];

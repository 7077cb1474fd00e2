/** The bot's part of the ledger's small documents: what must survive a lost Temporal history. */
import type { RiskState } from '../risk/risk-state.js';

export const BOT_STATE_NAME = 'trading-bot';

export interface BotMemory {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  reason: string;
  risk: RiskState;
}

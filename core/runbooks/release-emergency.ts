/** Ending an emergency stop: the latch goes only after exchange, ledger and bot have been compared and the bot has consented. */
import type { RunbookDefinition } from './definition.js';

export interface ReleaseEmergencyParams {
  /** of the halt that is to end */
  halt_id: string;
}

export const RELEASE_STEPS = {
  exchange: 'ask the exchange',
  reconcile: 'reconcile the ledger',
  bot: 'reconcile and release the bot',
  latch: 'clear the latch',
} as const;

export const RELEASE_EMERGENCY: RunbookDefinition<ReleaseEmergencyParams> = {
  title: 'End an emergency stop: compare exchange, ledger and bot, then clear the latch; the bot stays paused until it is resumed',
  destructive: true,
  steps: Object.values(RELEASE_STEPS),
  keyOf: () => 'account',
};

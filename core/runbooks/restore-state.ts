/** Putting a saved state back into a bot that has lost its own. */
import type { RunbookDefinition } from './definition.js';

export interface RestoreStateParams {
  /** name of a snapshot in the folder state/ of the data directory; null: the newest */
  file: string | null;
  /** also when the snapshot was taken with another configuration than the bot decides with */
  other_configuration: boolean;
}

export const RESTORE_STATE: RunbookDefinition<RestoreStateParams> = {
  title: 'Put a saved state back: strategies switched by an operator, why the bot was paused, the day\'s start equity, cooldowns',
  destructive: true,
  steps: ['put the state back'],
  keyOf: () => 'bot',
};

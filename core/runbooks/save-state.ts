/** Saving the state of the bot as a file, by hand or by schedule. */
import type { SnapshotKind } from '../snapshot/snapshot.js';
import type { RunbookDefinition } from './definition.js';

export interface SaveStateParams {
  /** save: complete or refused · emergency: whatever can be had now */
  kind: SnapshotKind;
}

export const SAVE_STATE: RunbookDefinition<SaveStateParams> = {
  title: 'Save a snapshot of bot, trades, risk, positions and configuration as a file',
  destructive: false,
  steps: ['save the state'],
  keyOf: ({ kind }) => kind,
};

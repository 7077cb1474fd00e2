import { describe, expect, it } from 'vitest';
import { outdatedSnapshots, snapshotFileName, SNAPSHOTS_KEPT } from '../../../../core/snapshot/snapshot-file.js';
import { MONDAY_MS } from '../samples.js';

const named = (index: number, kind: 'save' | 'emergency' = 'save'): string => snapshotFileName({ kind, takenAtMs: MONDAY_MS + index * 1_000, unique: 'a1' });

describe('a snapshot\'s file', () => {
  it('is named after kind and instant, in a way that every file system takes', () => {
    expect(named(0)).toBe('state-2026-01-05T00-00-00.000Z-a1.json');
    expect(named(0, 'emergency')).toBe('emergency-2026-01-05T00-00-00.000Z-a1.json');
  });

  it('goes when fifty newer ones of its kind are there, whatever else lies in the folder', () => {
    const saves = Array.from({ length: SNAPSHOTS_KEPT + 2 }, (_, index) => named(index));
    const others = [named(0, 'emergency'), 'notes.txt', 'state-mine.json', `${named(0)}.tmp`];
    expect(outdatedSnapshots([...others, ...saves].reverse(), 'save')).toEqual([named(0), named(1)]);
    expect(outdatedSnapshots(saves.slice(0, SNAPSHOTS_KEPT), 'save')).toEqual([]);
  });
});

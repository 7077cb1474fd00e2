/** Where snapshots of the bot are kept. Types only; `adapters/host` implements it. */
import type { SnapshotKind } from '../snapshot/snapshot.js';

export interface KeptSnapshot {
  /** path relative to the data directory */
  file: string;
  bytes: number;
  /** of the file's content, hex */
  sha256: string;
}

export interface StateArchive {
  /** resolves when the file and its name are on disk; rejects with 10007 when it cannot be written, and then leaves nothing behind */
  keep(snapshot: { kind: SnapshotKind; takenAtMs: number; text: string }): Promise<KeptSnapshot>;
}

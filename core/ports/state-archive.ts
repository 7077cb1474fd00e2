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
  /** null: the newest of any kind. Rejects with 40004 when there is none */
  read(name: string | null): Promise<{ file: string; text: string }>;
  keep(snapshot: { kind: SnapshotKind; takenAtMs: number; text: string }): Promise<KeptSnapshot>;
}

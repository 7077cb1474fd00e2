/** Names of snapshot files: sorted by name they are sorted by time, and a name says what kind it is. */
import type { SnapshotKind } from './snapshot.js';

/** Of each kind the newest so many are kept. */
export const SNAPSHOTS_KEPT = 50;

const PREFIX: Record<SnapshotKind, string> = { save: 'state', emergency: 'emergency' };

/** `unique`: keeps two of one instant apart; a few characters of a-z and 0-9 */
export function snapshotFileName({ kind, takenAtMs, unique }: { kind: SnapshotKind; takenAtMs: number; unique: string }): string {
  return `${PREFIX[kind]}-${new Date(takenAtMs).toISOString().replaceAll(':', '-')}-${unique}.json`;
}

/** By the instant in their names, of whatever kind. */
export function newestSnapshot(names: readonly string[]): string | undefined {
  const ours = names.flatMap((name) => {
    const instant = /^(?:state|emergency)-(\d{4}-\d\d-\d\dT[\d.-]+Z)-[a-z0-9]+\.json$/.exec(name)?.[1];
    return instant === undefined ? [] : [{ name, instant }];
  });
  return ours.sort((a, b) => (a.instant < b.instant ? 1 : -1))[0]?.name;
}

/** The files of that kind that are to go, oldest first; files that are none of ours are never among them. */
export function outdatedSnapshots(names: readonly string[], kind: SnapshotKind): string[] {
  const ours = new RegExp(String.raw`^${PREFIX[kind]}-\d{4}-\d\d-\d\dT[\d.-]+Z-[a-z0-9]+\.json$`);
  return names.filter((name) => ours.test(name)).sort().slice(0, -SNAPSHOTS_KEPT);
}

/**
 * The emergency latch of a process: the file of its data directory and the ledger's state document together, so that it
 * reaches processes on other hosts as well as one whose database is away.
 *
 * Invariants
 * 1. Set in one place is set. Only when every place was read and none is set may an order pass.
 * 2. Setting it succeeds when at least one place took it, and takes up a latch that is set already.
 * 3. It is released only when every place has let go.
 */
import { createLatchFile, heldByAnother, UNREADABLE_HALT_ID } from '../adapters/host/latch-file.js';
import type { EmergencyLatch, Latch } from '../core/ports/emergency-latch.js';
import type { Ledger } from '../core/ports/ledger.js';

const LATCH_STATE = 'emergency-latch';

type StateKeeper = Pick<Ledger, 'state' | 'saveState'>;

export interface LatchPlaces {
  dataDir: string;
  /** rejects while the database is away */
  ledger(): Promise<StateKeeper>;
}

export function openEmergencyLatch({ dataDir, ledger }: LatchPlaces): EmergencyLatch {
  return combineLatches([createLatchFile(dataDir), createLedgerLatch(ledger)]);
}

export function createLedgerLatch(ledger: LatchPlaces['ledger']): EmergencyLatch {
  const read = async (): Promise<Latch | null> => ((await (await ledger()).state(LATCH_STATE))?.['latch'] ?? null) as Latch | null;
  const save = async (latch: Latch | null): Promise<void> => (await ledger()).saveState(LATCH_STATE, { latch });
  return {
    read,
    set: async (latch) => {
      if ((await read()) === null) await save(latch);
    },
    clear: async (haltId) => {
      const held = await read();
      if (held === null) return;
      if (held.haltId !== haltId) throw heldByAnother(held, haltId);
      await save(null);
    },
  };
}

export function combineLatches(latches: readonly EmergencyLatch[]): EmergencyLatch {
  const readAll = () => Promise.allSettled(latches.map((latch) => latch.read()));
  return {
    read: async () => {
      const words = await readAll();
      const held = firstHeld(words);
      if (held !== null) return held;
      assertAllDone(words);
      return null;
    },
    set: async (latch) => {
      const held = firstHeld(await readAll());
      const inForce = held === null || held.haltId === UNREADABLE_HALT_ID ? latch : held;
      const done = await Promise.allSettled(latches.map((each) => each.set(inForce)));
      if (!done.some(({ status }) => status === 'fulfilled')) assertAllDone(done);
    },
    clear: async (haltId) => assertAllDone(await Promise.allSettled(latches.map((latch) => latch.clear(haltId)))),
  };
}

/** A latch that can be read is preferred: only it names the halt that an operator knows. */
function firstHeld(words: readonly PromiseSettledResult<Latch | null>[]): Latch | null {
  const held = words.flatMap((word) => (word.status === 'fulfilled' && word.value !== null ? [word.value] : []));
  return held.find(({ haltId }) => haltId !== UNREADABLE_HALT_ID) ?? held[0] ?? null;
}

function assertAllDone(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

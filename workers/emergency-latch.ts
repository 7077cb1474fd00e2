/**
 * The emergency latch of a process: the file of its data directory and the ledger's state document together, so that it
 * reaches processes on other hosts as well as one whose database is away.
 *
 * Invariants
 * 1. Set in one place is set. Only when every place was read and none is set may an order pass.
 * 2. Setting it succeeds when at least one place took it, and takes up a latch that is set already. No place waits for another:
 *    a database that hangs delays neither the file nor, for longer than `PATIENCE_MS`, whoever sets it.
 * 3. It is released only when every place has let go.
 */
import { createLatchFile, heldByAnother, UNREADABLE_HALT_ID } from '../adapters/host/latch-file.js';
import { BotError } from '../core/errors/bot-error.js';
import type { EmergencyLatch, Latch, LatchPlace } from '../core/ports/emergency-latch.js';
import type { Ledger } from '../core/ports/ledger.js';

const LATCH_STATE = 'emergency-latch';
/** of a place that does not answer, while the latch is being set */
const PATIENCE_MS = 700;

type StateKeeper = Pick<Ledger, 'state' | 'saveState'>;

export interface LatchPlaces {
  dataDir: string;
  /** rejects while the database is away */
  ledger(): Promise<StateKeeper>;
}

export function openEmergencyLatch({ dataDir, ledger }: LatchPlaces): EmergencyLatch {
  return combineLatches([createLatchFile(dataDir), createLedgerLatch(ledger)]);
}

export function createLedgerLatch(ledger: LatchPlaces['ledger']): LatchPlace {
  const read = async (): Promise<Latch | null> => ((await (await ledger()).state(LATCH_STATE))?.['latch'] ?? null) as Latch | null;
  const save = async (latch: Latch | null): Promise<void> => (await ledger()).saveState(LATCH_STATE, { latch });
  return {
    read,
    set: async (latch) => {
      if ((await read()) === null) await save(latch);
    },
    replace: save,
    clear: async (haltId) => {
      const held = await read();
      if (held === null) return;
      if (held.haltId !== haltId) throw heldByAnother(held, haltId);
      await save(null);
    },
  };
}

export function combineLatches(places: readonly LatchPlace[]): EmergencyLatch {
  return {
    read: () => readPlaces(places),
    set: async (latch) => {
      const done = await Promise.allSettled(places.map((place) => inTime(place.set(latch))));
      if (!done.some(({ status }) => status === 'fulfilled')) assertAllDone(done);
      await agree(places, latch);
    },
    clear: async (haltId) => assertAllDone(await Promise.allSettled(places.map((place) => place.clear(haltId)))),
  };
}

/** One place that says "set" is enough, whatever the others are still thinking about. */
async function readPlaces(places: readonly LatchPlace[]): Promise<Latch | null> {
  const asked = places.map((place) => place.read());
  const named = asked.map(async (answer) => {
    const latch = await answer;
    if (latch === null || latch.haltId === UNREADABLE_HALT_ID) throw new Error('it names no halt');
    return latch;
  });
  const first = await Promise.any(named).catch(() => null);
  if (first !== null) return first;
  const words = await Promise.allSettled(asked);
  const unreadable = words.flatMap((word) => (word.status === 'fulfilled' && word.value !== null ? [word.value] : []));
  if (unreadable[0] !== undefined) return unreadable[0];
  assertAllDone(words);
  return null;
}

/** Places that were set at different times name the halt that was there before: it is the one that an operator knows. */
async function agree(places: readonly LatchPlace[], wanted: Latch): Promise<void> {
  const words = await Promise.allSettled(places.map((place) => inTime(place.read())));
  const held = words.map((word) => (word.status === 'fulfilled' ? word.value : null));
  const earlier = held.find((latch) => latch !== null && latch.haltId !== wanted.haltId && latch.haltId !== UNREADABLE_HALT_ID) ?? null;
  if (earlier === null) return;
  const others = places.filter((_place, index) => held[index]?.haltId !== earlier.haltId);
  // a place that cannot be brought in line is set all the same
  await Promise.allSettled(others.map((place) => inTime(place.replace(earlier))));
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BotError(10003, `a place of the emergency latch did not answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function assertAllDone(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/**
 * The emergency latch as a file of the data directory: it can be set, and is obeyed, with every server down.
 *
 * Invariants
 * 1. Once `set` has resolved the latch outlives a loss of power: the file is complete on disk before it takes its name,
 *    and the name is on disk, too.
 * 2. A file that is there but cannot be read counts as set: in doubt nothing is sent.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { Latch, LatchPlace } from '../../core/ports/emergency-latch.js';

const FILE_NAME = 'emergency-latch.json';
/** The halt id of a file that says nothing readable; releasing that id removes it. */
export const UNREADABLE_HALT_ID = 'unreadable-latch-file';

export function createLatchFile(dataDir: string): LatchPlace {
  const file = path.join(dataDir, FILE_NAME);
  const read = () => readLatch(file);
  return {
    read,
    set: async (latch) => {
      const held = await read();
      if (held === null || held.haltId === UNREADABLE_HALT_ID) await write(file, latch);
    },
    replace: (latch) => write(file, latch),
    clear: async (haltId) => {
      const held = await read();
      if (held === null) return;
      if (held.haltId !== haltId) throw heldByAnother(held, haltId);
      await rm(file, { force: true });
      await syncFolder(dataDir);
    },
  };
}

export function heldByAnother(held: Latch, haltId: string): BotError {
  return new BotError(10009, `the emergency latch is held by halt ${held.haltId}, not by ${haltId}`, {
    fix: `release halt ${held.haltId}: npx bot release ${held.haltId}`,
  });
}

async function readLatch(file: string): Promise<Latch | null> {
  try {
    return asLatch(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    return unreadable(error instanceof Error ? error.message : 'unknown error');
  }
}

function asLatch(content: unknown): Latch {
  const { haltId, atMs, reason, actor } = (content ?? {}) as Partial<Record<keyof Latch, unknown>>;
  if (typeof haltId !== 'string' || haltId === '') return unreadable('it names no halt id');
  return { haltId, atMs: Number(atMs) || 0, reason: typeof reason === 'string' ? reason : '', actor: typeof actor === 'string' ? actor : '' };
}

function unreadable(because: string): Latch {
  return { haltId: UNREADABLE_HALT_ID, atMs: 0, reason: `the latch file is there but cannot be read: ${because}`, actor: 'unknown' };
}

async function write(file: string, latch: Latch): Promise<void> {
  const folder = path.dirname(file);
  const draft = `${file}.${process.pid}.new`;
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(draft, 'w', 0o644);
    try {
      await handle.writeFile(`${JSON.stringify(latch)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new BotError(10007, `the emergency latch could not be written: ${error instanceof Error ? error.message : 'unknown error'}`, {
      fix: 'make the data directory writable for this process', cause: error,
    });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

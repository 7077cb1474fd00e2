/**
 * The emergency latch as a file of the data directory: it can be set, and is obeyed, with every server down.
 *
 * Invariants
 * 1. Once `set` has resolved the latch outlives a loss of power, and once `clear` has, its absence does.
 * 2. A file that is there but cannot be read counts as set: in doubt nothing is sent.
 */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { Latch, LatchPlace } from '../../core/ports/emergency-latch.js';
import { syncFolder, systemCodeOf, writeDurably } from './durable-file.js';

const FILE_NAME = 'emergency-latch.json';
/** every process obeys it, whatever its user */
const READABLE = 0o644;
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
  try {
    await writeDurably({ file, text: `${JSON.stringify(latch)}\n`, mode: READABLE });
  } catch (error) {
    const foreignCode = systemCodeOf(error);
    throw new BotError(10007, `the emergency latch could not be written (${foreignCode})`, { foreignCode, fix: 'make the data directory writable for this process', cause: error });
  }
}

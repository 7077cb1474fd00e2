/** Files that are on disk for good before they take their name, and their hashes, read in a stream. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { WorkInHand } from '../../core/ports/backups.js';

/** backups show positions and balances: for the bot's own user only */
export const OWNER_ONLY = { file: 0o600, folder: 0o700 };
export const DRAFT_SUFFIX = '.partial';
const READ_BYTES = 256 * 1_024;

export interface Content {
  bytes: number;
  /** hex */
  sha256: string;
}

export async function contentOf(file: string, work: WorkInHand): Promise<Content> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunksOf(file, work, (seen) => hash.update(seen))) bytes += chunk.length;
  return { bytes, sha256: hash.digest('hex') };
}

/** The file piece by piece; each is seen, and tells that the work goes on. */
export async function* chunksOf(file: string, work: WorkInHand, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of createReadStream(file, { signal: work.signal, highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    see(chunk);
    bytes += chunk.length;
    work.progress(`reading ${path.basename(file)}: ${bytes} bytes`);
    yield chunk;
  }
}

/** Gives a finished draft its name. */
export async function settle(draft: string, file: string): Promise<void> {
  await sync(draft);
  await rename(draft, file);
  await sync(path.dirname(file));
}

export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = file + DRAFT_SUFFIX;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', OWNER_ONLY.file);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await settle(draft, file);
}

/** Of a file its content, of a folder its names. */
export async function sync(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Files that outlive a loss of power: complete on disk before they take their name, and the name is on disk, too.
 * A write that fails leaves the file as it was, and nothing beside it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const UNIQUE_BYTES = 6;
const OWNER_ONLY = 0o700;

/** Rejects with the error of the file system. */
export async function writeDurably({ file, text, mode }: { file: string; text: string; mode: number }): Promise<void> {
  const folder = path.dirname(file);
  // Two processes may write the same file at the same moment: the last name counts, and neither sees the other's draft.
  const draft = `${file}.${randomBytes(UNIQUE_BYTES).toString('hex')}.new`;
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  try {
    await writeAndSync(draft, { text, mode });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** After a rename or a removal in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `EACCES`, `ENOSPC` and the like: what may be shown of a failed write. The message holds a path of this machine. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

async function writeAndSync(draft: string, { text, mode }: { text: string; mode: number }): Promise<void> {
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

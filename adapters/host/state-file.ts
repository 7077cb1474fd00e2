/**
 * Snapshots of the bot as files under `state/` in the data directory. They need no server: this is what still works when
 * Temporal and PostgreSQL are both away.
 *
 * Invariant: once `keep` has resolved the snapshot outlives a loss of power. Tidying up old files never makes a written one fail.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { BotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import type { StateArchive } from '../../core/ports/state-archive.js';
import { newestSnapshot, outdatedSnapshots, snapshotFileName } from '../../core/snapshot/snapshot-file.js';
import type { SnapshotKind } from '../../core/snapshot/snapshot.js';
import { systemCodeOf, writeDurably } from './durable-file.js';

const FOLDER = 'state';
/** it shows positions and balances: for the bot's own user only */
const OWNER_ONLY = 0o600;
const UNIQUE_BYTES = 3;

export function createStateArchive({ dataDir, logger }: { dataDir: string; logger: Logger }): StateArchive {
  const folder = path.join(dataDir, FOLDER);
  return {
    read: (name) => readKept(folder, name),
    keep: async ({ kind, takenAtMs, text }) => {
      const name = snapshotFileName({ kind, takenAtMs, unique: randomBytes(UNIQUE_BYTES).toString('hex') });
      await write(path.join(folder, name), text);
      await forgetOutdated(folder, kind).catch((error: unknown) => logger.warning('Old snapshots could not be removed', { error }));
      return { file: `${FOLDER}/${name}`, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
    },
  };
}

async function readKept(folder: string, wanted: string | null): Promise<{ file: string; text: string }> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const name = wanted === null ? newestSnapshot(names) : names.find((each) => each === path.basename(wanted));
  if (name === undefined) throw new BotError(40004, wanted === null ? 'no state was ever saved here' : `there is no saved state ${wanted}`, { retryable: false, fix: 'look into the folder state/ of the data directory' });
  return { file: `${FOLDER}/${name}`, text: await readFile(path.join(folder, name), 'utf8') };
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeDurably({ file, text, mode: OWNER_ONLY });
  } catch (error) {
    const foreignCode = systemCodeOf(error);
    throw new BotError(10007, `the snapshot could not be written (${foreignCode})`, { foreignCode, fix: 'make the data directory writable for the API and free some space on its disk, then ask again' });
  }
}

async function forgetOutdated(folder: string, kind: SnapshotKind): Promise<void> {
  for (const name of outdatedSnapshots(await readdir(folder), kind)) await rm(path.join(folder, name), { force: true });
}

/**
 * What an emergency did without Temporal, as files under `emergency/` in the data directory: a journal for people, and the order
 * that is still to be handed over to the workflow.
 *
 * Invariants
 * 1. Nothing here holds up an emergency: what cannot be written is logged, and the emergency goes on.
 * 2. An order is pending from the moment it is begun until `takenOver` has removed it; a damaged file is left for a person.
 */
import { appendFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { STOPPABLE, type EmergencyOrder } from '../../core/emergency/emergency-order.js';
import type { EmergencyJournal, PendingEmergency } from '../../core/ports/emergency-journal.js';
import type { Logger } from '../../core/ports/logger.js';
import { syncFolder, writeDurably } from './durable-file.js';

const FOLDER = 'emergency';
/** it shows positions and what a person is still to do */
const OWNER_ONLY = 0o600;
const PENDING = /^pending-([\w.-]{1,80})\.json$/;

export function createEmergencyJournal({ dataDir, logger }: { dataDir: string; logger: Logger }): EmergencyJournal {
  const folder = path.join(dataDir, FOLDER);
  const fileOf = (haltId: string): string => `${FOLDER}/journal-${nameOf(haltId)}.jsonl`;
  const pendingFile = (haltId: string): string => path.join(folder, `pending-${nameOf(haltId)}.json`);
  const tried = async (what: string, write: () => Promise<void>): Promise<boolean> => {
    try {
      await mkdir(folder, { recursive: true });
      await write();
      return true;
    } catch (error) {
      logger.error(`The emergency journal could not be written: ${what}`, { code: 10007, error });
      return false;
    }
  };
  return {
    fileOf,
    note: (haltId, line) => tried('note', () => appendFile(path.join(dataDir, fileOf(haltId)), `${JSON.stringify(line)}\n`)).then(() => undefined),
    keep: (pending) => tried('order', () => writeDurably({ file: pendingFile(pending.order.haltId), text: JSON.stringify(pending, null, 2), mode: OWNER_ONLY })),
    pending: () => readPending(folder, logger),
    takenOver: (haltId) => tried('handed over', async () => {
      await rename(pendingFile(haltId), path.join(folder, `taken-over-${nameOf(haltId)}.json`));
      await syncFolder(folder);
    }).then(() => undefined),
    isPending: async (haltId) => (await readPending(folder, logger)).some(({ order }) => order.haltId === haltId),
  };
}

function nameOf(haltId: string): string {
  return haltId.replaceAll(/[^\w.-]/g, '_').slice(0, 80);
}

async function readPending(folder: string, logger: Logger): Promise<PendingEmergency[]> {
  const names = await readdir(folder).catch(() => []);
  const found: PendingEmergency[] = [];
  for (const name of names.filter((each) => PENDING.test(each))) {
    const pending = await readOne(path.join(folder, name));
    if (pending === undefined) logger.error('A pending emergency cannot be read; the latch holds all the same', { code: 40003, file: name });
    else found.push(pending);
  }
  return found;
}

async function readOne(file: string): Promise<PendingEmergency | undefined> {
  try {
    const { order, notified, closings } = JSON.parse(await readFile(file, 'utf8')) as Partial<PendingEmergency>;
    if (order === undefined || typeof order.haltId !== 'string' || order.haltId === '') return undefined;
    return { order: completed(order), notified: notified ?? [], closings: closings ?? null };
  } catch {
    return undefined;
  }
}

function completed({ haltId, atMs, reason, actor, closePositions, stopServices }: Partial<EmergencyOrder>): EmergencyOrder {
  return {
    haltId: String(haltId), atMs: Number(atMs) || 0, reason: reason ?? '', actor: actor ?? 'unknown', closePositions: closePositions === true,
    stopServices: STOPPABLE.filter((service) => stopServices?.includes(service)),
  };
}

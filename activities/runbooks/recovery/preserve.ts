/** Keeps what can be read of a damaged database as a dump. It is a help for people: the database itself is kept whole, too. */
import path from 'node:path';
import { isBotError } from '../../../core/errors/bot-error.js';
import type { WorkInHand } from '../../../core/ports/backups.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';

type Deps = Pick<RecoveryDependencies, 'rescue' | 'server' | 'keptFolder' | 'underWay' | 'logger'>;

export interface Preserved {
  /** name in the folder of kept databases; null: none was made */
  file: string | null;
  detail: string;
}

/** `kept`: the name that the damaged database will have. Rejects only when it is broken off: a dump that is impossible is an answer. */
export function preserve(deps: Deps, kept: string): Promise<Preserved> {
  return deps.underWay((work) => dumpWhatCanBe(deps, kept, work));
}

async function dumpWhatCanBe({ rescue, server, keptFolder, logger }: Deps, kept: string, work: WorkInHand): Promise<Preserved> {
  try {
    if (!(await server.exists(rescue.name))) return { file: null, detail: `there is no database ${rescue.name}: nothing to keep` };
    const file = path.join(keptFolder, `${kept}.dump`);
    const dump = await rescue.dumpReadable({ database: rescue.name, file }, work);
    const lost = dump.withoutRowsOf.length === 0 ? 'every table could be read' : `unreadable and without rows: ${dump.withoutRowsOf.join(', ')}`;
    return { file: path.basename(file), detail: `${dump.bytes} bytes in ${path.basename(file)}, ${lost}; the database itself is kept as ${kept}` };
  } catch (error) {
    work.signal.throwIfAborted();
    if (!isBotError(error)) throw error;
    logger.warning('The damaged database cannot be dumped; it is kept as it is', { code: error.code, error: error.message });
    return { file: null, detail: `it cannot be dumped (${error.message}); it is kept as ${kept}` };
  }
}

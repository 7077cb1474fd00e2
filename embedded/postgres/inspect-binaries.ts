/** Says which PostgreSQL a folder holds, by running it as the user that will run it later. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunUser } from './run-user.js';

export interface PostgresBinaries {
  binDirectory: string;
  /** for example "15.14" */
  version: string;
  major: number;
}

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 10_000;

/** The programs of a directory, or undefined when it has none that run here as this user. */
export async function inspect(directory: string, user: RunUser | undefined): Promise<PostgresBinaries | undefined> {
  if (!existsSync(join(directory, 'postgres')) || !existsSync(join(directory, 'initdb'))) return undefined;
  try {
    const { stdout } = await run(join(directory, 'postgres'), ['--version'], { ...user, cwd: '/', timeout: PROBE_TIMEOUT_MS });
    const version = /\(PostgreSQL\) (\d+)(\S*)/.exec(stdout);
    if (version === null) return undefined;
    return { binDirectory: directory, version: `${version[1]}${version[2]}`, major: Number(version[1]) };
  } catch {
    // Built for another system, a missing library, or a folder this user may not enter: not usable, which is the answer.
    return undefined;
  }
}

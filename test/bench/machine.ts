/** On what was measured: facts that matter for the figures, none that identify the machine. */
import { availableParallelism, cpus, loadavg, totalmem, type } from 'node:os';
import { execa } from 'execa';
import { obtainTemporalServer } from '../../embedded/temporal/obtain.js';
import { processEnvironment } from '../../config/process-environment.js';
import { createPostgresLedger } from '../../adapters/postgres/ledger.js';
import { silentLogger } from '../support/silent-logger.js';

const BYTES_PER_GIB = 1_024 ** 3;

export interface Machine {
  facts: string[];
  /** average number of runnable processes over the last minute, before the benchmark started */
  load: number;
  cores: number;
}

export async function describeMachine(): Promise<Machine> {
  const cores = availableParallelism();
  const load = loadavg()[0] ?? 0;
  const server = await obtainTemporalServer({ env: { ...processEnvironment() }, onProgress: () => undefined });
  const { stdout: commit } = await execa('git', ['describe', '--always', '--dirty'], { reject: false });
  return {
    cores, load,
    facts: [
      `${cores} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / BYTES_PER_GIB).toFixed(1)} GiB memory, ${type()}`,
      `load before the start ${load.toFixed(2)}`,
      `Node ${process.versions.node}`,
      `Temporal server ${server.version} (CLI dev server on SQLite, tuned as the stack does)`,
      `revision ${commit === '' ? 'unknown' : commit}`,
    ],
  };
}

/** Asked of a server that runs. */
export async function postgresVersion(databaseUrl: string): Promise<string> {
  const ledger = await createPostgresLedger({ databaseUrl, poolSize: 1, poolOverflow: 1, logger: silentLogger });
  try {
    return (await ledger.ping()).serverVersion;
  } finally {
    await ledger.close();
  }
}

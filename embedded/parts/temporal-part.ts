/** The Temporal server as a part: obtained once, prepared before every start. */
import type { Logger } from '../../core/ports/logger.js';
import type { OnProgress } from '../progress.js';
import type { Part } from '../supervisor/part.js';
import { obtainTemporalServer, type TemporalServer } from '../temporal/obtain.js';
import { prepareTemporal } from '../temporal/prepare.js';
import { waitForTemporal } from '../temporal/wait.js';

/** Getting the server may take a build of some minutes; serving itself takes a second or two. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

export interface TemporalPartOptions {
  env: NodeJS.ProcessEnv;
  directory: string;
  port: number;
  metricsPort: number;
  uiPort: number | null;
  namespace: string;
  onProgress: OnProgress;
  logger: Logger;
}

export function temporalPart(options: TemporalPartOptions): Part {
  let server: TemporalServer | undefined;
  return {
    name: 'temporal',
    dependsOn: [],
    startTimeoutMs: START_TIMEOUT_MS,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    async prepare(stopping) {
      server ??= await obtainTemporalServer({ env: options.env, onProgress: options.onProgress, signal: stopping });
      options.onProgress(`starting server ${server.version} (from ${server.source})`);
      const prepared = prepareTemporal({ ...options, server });
      if (prepared.notice !== undefined) options.logger.warning(prepared.notice);
      return {
        kind: 'foreign', command: prepared.command, args: prepared.args, env: options.env,
        ready: (signal) => waitForTemporal(prepared.address, START_TIMEOUT_MS, { namespace: options.namespace, signal }),
      };
    },
  };
}

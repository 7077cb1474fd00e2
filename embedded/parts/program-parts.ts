/** Our own processes as parts. Each is configured by environment variables only, and says itself when it is ready. */
import type { Part } from '../supervisor/part.js';
import { programPath, type ProgramName } from './installation.js';

const START_TIMEOUT_MS = 90_000;
/** longer than a worker's own grace for running activities */
const STOP_TIMEOUT_MS = 25_000;

export interface ProgramPartOptions {
  name: ProgramName;
  dependsOn: readonly string[];
  restartNeeds?: readonly string[];
  args?: string[];
  /** asked before every start: some values are known only once another part serves */
  env: () => NodeJS.ProcessEnv;
}

export function programPart(options: ProgramPartOptions): Part {
  return {
    name: options.name,
    dependsOn: options.dependsOn,
    ...(options.restartNeeds === undefined ? {} : { restartNeeds: options.restartNeeds }),
    startTimeoutMs: START_TIMEOUT_MS,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    prepare: async () => Promise.resolve({ kind: 'node', script: programPath(options.name), args: options.args ?? [], env: options.env() }),
  };
}

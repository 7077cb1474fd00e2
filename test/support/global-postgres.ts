/** Vitest global set-up: gives the run a folder for its PostgreSQL server, and ends the server with the run. No server is started here. */
import type { TestProject } from 'vitest/node';
import { endTestServer, openRunDirectory, sweepDeadRuns } from './postgres-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresDirectory: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepDeadRuns();
  const run = openRunDirectory();
  project.provide('postgresDirectory', run.directory);
  return async () => {
    await endTestServer(run.directory);
    run.release();
  };
}

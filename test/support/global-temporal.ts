/** Vitest global set-up: one Temporal server for the whole run; its address is provided to every test file. */
import type { TestProject } from 'vitest/node';
import { startTestTemporalServer } from './temporal-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalAddress: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestTemporalServer();
  project.provide('temporalAddress', server.address);
  return () => server.stop();
}

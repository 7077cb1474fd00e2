/** A real, tuned Temporal server in a temporary folder, started and stopped by the test run: the same binary and flags as the product. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickFreePort } from '../../embedded/free-ports.js';
import { obtainTemporalServer } from '../../embedded/temporal/obtain.js';
import { prepareTemporal } from '../../embedded/temporal/prepare.js';
import { DEFAULT_NAMESPACE, waitForTemporal } from '../../embedded/temporal/wait.js';

const START_TIMEOUT_MS = 60_000;

export interface TestTemporalServer {
  address: string;
  pid: number;
  stop(): Promise<void>;
}

export async function startTestTemporalServer(): Promise<TestTemporalServer> {
  const server = await obtainTemporalServer({ env: process.env, onProgress: (message) => console.error(`temporal: ${message}`) });
  const directory = await mkdtemp(join(tmpdir(), 'bot-temporal-'));
  const port = await pickFreePort();
  const metricsPort = await pickFreePort(new Set([port]));
  const prepared = prepareTemporal({ server, directory, port, metricsPort, uiPort: null, namespace: DEFAULT_NAMESPACE });
  const child = spawn(prepared.command, prepared.args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = (): Promise<void> => stopServer(child, directory);
  try {
    await waitForTemporal(prepared.address, START_TIMEOUT_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: prepared.address, pid: child.pid ?? 0, stop };
}

async function stopServer(child: ChildProcess, directory: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(directory, { recursive: true, force: true });
}

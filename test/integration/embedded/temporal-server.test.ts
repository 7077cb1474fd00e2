/** The Temporal server as it is started by the product: real binary, real file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureNamespace } from '../../../adapters/temporal/namespace.js';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { obtainTemporalServer, type TemporalServer } from '../../../embedded/temporal/obtain.js';
import { prepareTemporal, type PreparedTemporal } from '../../../embedded/temporal/prepare.js';
import { waitForTemporal } from '../../../embedded/temporal/wait.js';
import { NAMESPACE_RETENTION_DAYS, SEARCH_ATTRIBUTES } from '../../../workflows/messages.js';
import { connectTestTemporal, unique } from '../../support/temporal.js';

const START_TIMEOUT_MS = 30_000;
const SECONDS_PER_DAY = 86_400;

let directory: string;
let running: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bot-temporal-test-'));
});

afterEach(async () => {
  await end('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

async function start(server: Pick<TemporalServer, 'path' | 'version'>): Promise<PreparedTemporal> {
  const prepared = prepareTemporal({ server, directory, port: await pickFreePort(), metricsPort: await pickFreePort(), uiPort: null, namespace: 'default' });
  running = spawn(prepared.command, prepared.args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await waitForTemporal(prepared.address, START_TIMEOUT_MS);
  return prepared;
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  if (running === undefined || running.exitCode !== null || running.signalCode !== null) return null;
  const exited = once(running, 'exit');
  running.kill(signal);
  return ((await exited) as [number | null])[0];
}

async function describe(address: string, namespace: string): Promise<{ retentionSeconds: number; attributes: string[] }> {
  const connection = await Connection.connect({ address });
  const described = await connection.workflowService.describeNamespace({ namespace });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  await connection.close();
  return { retentionSeconds: Number(described.config?.workflowExecutionRetentionTtl?.seconds), attributes: Object.keys(customAttributes).sort() };
}

test('a started server keeps workflows 30 days, knows the search attributes, leaves on SIGTERM with code 0 and continues with its file', async () => {
  const server = await obtainTemporalServer({ env: process.env });
  const first = await start(server);
  const described = await describe(first.address, 'default');
  expect(described.retentionSeconds).toBeGreaterThanOrEqual(NAMESPACE_RETENTION_DAYS * SECONDS_PER_DAY);
  expect(described.attributes).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)));
  expect(await end('SIGTERM')).toBe(0);

  const second = await start(server);
  expect(second.notice).toBeUndefined();
  expect((await describe(second.address, 'default')).attributes).toEqual(described.attributes);
});

test('another server version gets a fresh file, and the old file is kept and named', async () => {
  const server = await obtainTemporalServer({ env: process.env });
  await start({ ...server, version: '1.28.0' });
  await end('SIGKILL');

  const prepared = await start(server);
  expect(prepared.notice).toMatch(/1\.29\.\d+ starts a fresh file: the one here was made by 1\.28\.0 and is kept as set-aside-1\.28\.0-.*\.db/);
  const aside = readdirSync(directory).filter((name) => name.startsWith('set-aside-1.28.0-'));
  expect(aside.some((name) => name.endsWith('.db'))).toBe(true);
  expect(existsSync(join(directory, 'temporal.db'))).toBe(true);
});

test('preparing a namespace that does not exist makes it, and preparing it again from two sides changes nothing', async () => {
  const { address, client, close } = await connectTestTemporal();
  const namespace = unique('prepared');
  const connection = client.connection as Connection;
  await Promise.all([ensureNamespace(connection, namespace), ensureNamespace(connection, namespace)]);
  const before = await describe(address, namespace);
  await ensureNamespace(connection, namespace);
  expect(await describe(address, namespace)).toEqual(before);
  expect(before.attributes).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)));
  await close();
});

test('an address where nothing serves is told within the given time, with the code and the way out', async () => {
  const port = await pickFreePort();
  await expect(waitForTemporal(`127.0.0.1:${port}`, 1_000)).rejects.toMatchObject({
    code: 10006,
    message: expect.stringMatching(`Temporal at 127.0.0.1:${port} is not reachable`),
    fix: expect.stringContaining('TEMPORAL_ADDRESS'),
  });
});

/** The supervisor over real processes: small programs that speak its channel, and foreign ones that do not. */
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { identifyProcess } from '../../../embedded/process-identity.js';
import type { Part, SupervisorEvent } from '../../../embedded/supervisor/part.js';
import { endLeftOvers, findLeftOvers, recordProcess } from '../../../embedded/supervisor/run-record.js';
import { Supervisor } from '../../../embedded/supervisor/supervisor.js';

const OBEDIENT = `process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
setInterval(() => undefined, 1000);
console.log(JSON.stringify({ level: 'INFO', message: 'at work' }));
process.send({ kind: 'ready', detail: { port: 1 } });`;
const DEAF = `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); process.send({ kind: 'ready' });`;
const BROKEN = `process.send({ kind: 'fatal', code: 10002, message: 'the configuration is wrong', fix: 'correct it' }, () => process.exit(1));`;

let folder: string;
let events: SupervisorEvent[];
let supervisor: Supervisor | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bot-supervisor-'));
  events = [];
});

afterEach(async () => {
  await supervisor?.stop({ force: true });
  supervisor = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function nodePart(name: string, source: string, dependsOn: string[] = []): Promise<Part> {
  const script = join(folder, `${name}.cjs`);
  await writeFile(script, source);
  const prepare = async (): Promise<Awaited<ReturnType<Part['prepare']>>> => ({ kind: 'node', script, args: [], env: process.env });
  return { name, dependsOn, prepare, startTimeoutMs: 20_000, stopSignal: 'SIGTERM', stopTimeoutMs: 500 };
}

function supervise(parts: Part[]): Supervisor {
  supervisor = new Supervisor(parts, { runDirectory: join(folder, 'run'), onEvent: (event) => events.push(event) });
  return supervisor;
}

function order(kind: SupervisorEvent['kind']): string[] {
  return events.filter((event) => event.kind === kind).map((event) => event.name);
}

/** Resolves with the n-th event of that kind about the part. */
async function eventOf(kind: SupervisorEvent['kind'], name: string, nth: number): Promise<SupervisorEvent | undefined> {
  const found = (): SupervisorEvent[] => events.filter((event) => event.kind === kind && event.name === name);
  await vi.waitFor(() => expect(found().length).toBeGreaterThanOrEqual(nth), { timeout: 10_000, interval: 10 });
  return found()[nth - 1];
}

function gone(pid: number | undefined): boolean {
  return pid === undefined || identifyProcess(pid) === undefined;
}

test('a part is started only when what it needs serves, and stopped before it', async () => {
  const running = supervise([await nodePart('worker', OBEDIENT, ['database']), await nodePart('database', OBEDIENT)]);
  await running.start();
  expect(order('ready')).toEqual(['database', 'worker']);
  const pids = running.pids();
  await running.stop();
  expect(order('stopped')).toEqual(['worker', 'database']);
  expect(Object.values(pids).every(gone)).toBe(true);
});

test('a killed part is back with another pid at once, the event tells the signal and how long it was away', async () => {
  const running = supervise([await nodePart('worker', OBEDIENT)]);
  await running.start();
  const before = running.pids()['worker'];
  const died = new Promise<void>((resolve) => {
    const push = events.push.bind(events);
    events.push = (event) => (event.kind === 'died' ? resolve() : undefined, push(event));
  });
  running.kill('worker', 'SIGKILL');
  await died;
  await running.whenReady('worker');
  expect(events).toContainEqual(expect.objectContaining({ kind: 'died', name: 'worker', exit: { code: null, signal: 'SIGKILL' }, delayMs: 0 }));
  expect(events.filter((event) => event.kind === 'ready').at(-1)).toMatchObject({ downMs: expect.any(Number) });
  expect(running.pids()['worker']).not.toBe(before);
  expect(running.restarts()).toEqual({ worker: 1 });
});

test('a part that is restarted many times leaves nothing behind in its supervisor', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  const running = supervise([await nodePart('worker', OBEDIENT)]);
  await running.start();
  // Node warns of more than ten listeners
  for (let round = 1; round <= 12; round += 1) {
    running.restart('worker', running.pids()['worker'] ?? 0);
    await eventOf('ready', 'worker', round + 1);
  }
  await new Promise(setImmediate);
  process.off('warning', hear);
  expect(warnings.map(({ message }) => message)).toEqual([]);
});

test('a part that is to be restarted leaves in order and is back at once; asking for a process that is gone already changes nothing', async () => {
  const running = supervise([await nodePart('worker', OBEDIENT), await nodePart('deaf', DEAF)]);
  await running.start();
  const before = running.pids();
  for (const round of [1, 2, 3]) {
    const pid = running.pids()['worker'] ?? 0;
    const left = eventOf('died', 'worker', round);
    running.restart('worker', pid);
    running.restart('worker', pid);
    expect(await left).toMatchObject({ exit: { code: 0 }, delayMs: 0 });
    await running.whenReady('worker');
    running.restart('worker', pid);
  }
  expect(running.restarts()).toEqual({ worker: 3, deaf: 0 });
  const forced = eventOf('died', 'deaf', 1);
  running.restart('deaf', before['deaf'] ?? 0);
  expect(await forced).toMatchObject({ exit: { signal: 'SIGKILL' }, delayMs: 0 });
  await running.whenReady('deaf');
  expect(running.status()).toMatchObject([{ name: 'worker', restarts: 3, serving: true }, { name: 'deaf', pid: running.pids()['deaf'], restarts: 1, serving: true }]);
});

test('a part that cannot start gives its own reason, and nothing stays running', async () => {
  const running = supervise([await nodePart('database', OBEDIENT), await nodePart('worker', BROKEN, ['database'])]);
  await expect(running.start()).rejects.toMatchObject({ code: 10002, message: 'the configuration is wrong', fix: 'correct it' });
  expect(Object.values(running.pids()).every((pid) => pid === undefined)).toBe(true);
  expect(order('stopped')).toContain('database');
});

test('a part that ignores the request to leave is killed after its time', async () => {
  const running = supervise([await nodePart('deaf', DEAF)]);
  await running.start();
  const pid = running.pids()['deaf'];
  await running.stop();
  expect(events).toContainEqual({ kind: 'stopped', name: 'deaf', forced: true });
  expect(gone(pid)).toBe(true);
});

test('output arrives line by line with the name of its part', async () => {
  const running = supervise([await nodePart('worker', OBEDIENT)]);
  await running.start();
  await running.stop();
  expect(events).toContainEqual({ kind: 'line', name: 'worker', stream: 'stdout', text: '{"level":"INFO","message":"at work"}' });
});

describe('processes that a killed supervisor left behind', () => {
  async function leftBehind(): Promise<{ pid: number; exited: Promise<unknown> }> {
    await nodePart('database', DEAF);
    const child = fork(join(folder, 'database.cjs'), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const exited = once(child, 'exit');
    await once(child, 'message');
    return { pid: child.pid ?? 0, exited };
  }

  test('are ended at the next start, by force when they do not listen', async () => {
    const { pid, exited } = await leftBehind();
    recordProcess(folder, 'database', { pid, stopSignal: 'SIGTERM' });
    expect(findLeftOvers(folder)).toMatchObject([{ name: 'database', pid }]);
    const told: string[] = [];
    await Promise.all([endLeftOvers(folder, (message) => told.push(message)), exited]);
    expect(told).toEqual([`ending database (pid ${pid}), left over from an earlier run`]);
    expect(findLeftOvers(folder)).toEqual([]);
  });

  test('are left alone when start time or command differ: the pid belongs to somebody else now', async () => {
    const { pid, exited } = await leftBehind();
    recordProcess(folder, 'database', { pid, stopSignal: 'SIGTERM' });
    const file = join(folder, 'database.json');
    const recorded = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    for (const other of [{ ...recorded, startTime: 'another' }, { ...recorded, command: 'another' }]) {
      await writeFile(file, JSON.stringify(other));
      await endLeftOvers(folder, () => undefined);
      expect(gone(pid)).toBe(false);
    }
    process.kill(pid, 'SIGKILL');
    await exited;
  });
});

/** The API as the process that a supervisor starts: what it says, what it survives, how it ends. Needs `npm run build`. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Health } from '../../../api/health.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { temporalAddress } from '../../support/temporal.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/workers/api-main.js', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('../../../config/default.json', import.meta.url));

/** A line to a server that can be cut and mended; the address stays the same. */
class Line {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private constructor(readonly port: number, private readonly target: { host: string; port: number }) {}

  static async reserve(target: { host: string; port: number }): Promise<Line> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    return new Line(port, target);
  }

  async mend(): Promise<void> {
    this.server = createServer((inner) => {
      const outer = connect(this.target);
      for (const [socket, other] of [[inner, outer], [outer, inner]] as const) {
        this.sockets.add(socket);
        socket.on('error', () => other.destroy()).on('close', () => this.sockets.delete(socket));
      }
      inner.pipe(outer).pipe(inner);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  cut(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

interface Word { kind: string; detail?: { port: number }; code?: number; message?: string; fix?: string }

let database: TestDatabase;
let children: ChildProcess[] = [];

beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database.drop());
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  children = [];
});

async function lines(): Promise<{ temporal: Line; postgres: Line; environment: Record<string, string> }> {
  const [host = '', port = ''] = temporalAddress().split(':');
  const real = new URL(database.databaseUrl);
  const [temporal, postgres] = await Promise.all([Line.reserve({ host, port: Number(port) }), Line.reserve({ host: real.hostname, port: Number(real.port) })]);
  real.hostname = '127.0.0.1';
  real.port = String(postgres.port);
  return { temporal, postgres, environment: { TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`, DATABASE_URL: real.href, BOT_CONFIG: CONFIGURATION, BOT_API_PORT: '0', BOT_MARKET: 'synthetic', BOT_DATA_DIR: tmpdir() } };
}

async function start(environment: Record<string, string>): Promise<{ child: ChildProcess; word: Word; output: () => string }> {
  const child = fork(PROGRAM, [], { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const [word] = await once(child, 'message') as [Word];
  return { child, word, output: () => chunks.join('') };
}

async function health(word: Word): Promise<{ status: number; parts: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${word.detail?.port}/health`);
  const { dependencies } = await response.json() as Health;
  return { status: response.status, parts: Object.fromEntries(Object.entries(dependencies).map(([name, { state }]) => [name, state])) };
}

describe('the API process', () => {
  it('serves before Temporal and PostgreSQL do, finds them when they come, and again after they were gone', async () => {
    const { temporal, postgres, environment } = await lines();
    const { word } = await start(environment);
    expect(word).toMatchObject({ kind: 'ready', detail: { port: expect.any(Number) as number } });
    const soon = { timeout: 10_000, interval: 200 };
    const seen = async (): Promise<Record<string, string>> => (await health(word)).parts;
    try {
      expect(await health(word)).toMatchObject({ status: 503, parts: { postgres: 'down', temporal: 'down' } });
      for (let round = 1; round <= 2; round += 1) {
        await Promise.all([temporal.mend(), postgres.mend()]);
        await expect.poll(seen, soon).toMatchObject({ postgres: 'ok', temporal: 'ok' });
        temporal.cut();
        postgres.cut();
        await expect.poll(seen, soon).toMatchObject({ postgres: 'down', temporal: 'down' });
      }
    } finally {
      temporal.cut();
      postgres.cut();
    }
  });

  it.each([
    ['SIGTERM', (child: ChildProcess) => void child.kill('SIGTERM')],
    ['the end of its supervisor', (child: ChildProcess) => child.disconnect()],
  ])('leaves with code 0 on %s, also while everything is away', async (_cause, end) => {
    const { environment } = await lines();
    const { child, word } = await start(environment);
    await health(word);
    const exited = once(child, 'exit');
    end(child);
    expect(await exited).toEqual([0, null]);
  });

  it('that finds its port taken says so, with the port and what to change, and ends with code 1', async () => {
    const { environment } = await lines();
    const first = await start(environment);
    const port = first.word.detail?.port ?? 0;
    const { child, word } = await start({ ...environment, BOT_API_PORT: String(port) });
    expect(word).toMatchObject({ kind: 'fatal', code: 10006, message: `port ${port} for the API is taken by another process`, fix: expect.stringContaining('BOT_API_PORT') as string });
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(1);
  });

  it.each([
    ['a configuration that does not exist', { BOT_CONFIG: '/nowhere/config.json' }, 10001],
    ['an environment without an address', { TEMPORAL_ADDRESS: '' }, 10002],
    ['an address that others can reach', { BOT_API_HOST: '0.0.0.0' }, 10002],
  ])('refuses %s', async (_what, change, code) => {
    const { environment } = await lines();
    const { word } = await start({ ...environment, ...change });
    expect(word).toMatchObject({ kind: 'fatal', code });
  });

  it('writes its log as JSON lines without the password of the database', async () => {
    const { environment } = await lines();
    const withPassword = new URL(environment['DATABASE_URL'] ?? '');
    withPassword.password = 'planted-password';
    const { child, word, output } = await start({ ...environment, DATABASE_URL: withPassword.href, BOT_LOG_LEVEL: 'debug' });
    await health(word);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    const written = output().trim().split('\n').map((line) => JSON.parse(line) as { level: string; service: string });
    expect(written.length).toBeGreaterThan(1);
    for (const line of written) expect(line).toMatchObject({ service: 'api', level: expect.stringMatching(/^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$/) as string });
    expect(output()).not.toContain('planted-password');
  });
});

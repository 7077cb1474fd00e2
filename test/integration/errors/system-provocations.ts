/** What goes wrong around the bot: files, keys, servers, the machine. Real processes where the process itself is what fails. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect } from 'vitest';
import { createBybitExchange } from '../../../adapters/bybit/exchange.js';
import { openCache } from '../../../adapters/cache/open-cache.js';
import { withDatabase } from '../../../adapters/postgres/database-url.js';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { LOG_FILE_NAME, openLogFile } from '../../../embedded/log-file.js';
import { quietReporter } from '../../../embedded/reporter.js';
import { keepStackJournal } from '../../../embedded/stack-journal.js';
import { createStackLog } from '../../../embedded/stack-log.js';
import { startSimulator } from '../../../simulator/server.js';
import { aTrade } from '../../support/postgres-facts.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { DEFAULT_CONFIGURATION } from '../../support/scripted-configuration.js';
import { openSeverableLink } from '../../support/severable-link.js';
import { silentLogger } from '../../support/silent-logger.js';
import { temporalAddress } from '../../support/temporal.js';
import { serveApi, type ApiServer } from '../api/api-server.js';
import type { ErrorStage } from './error-stage.js';
import type { Provocation } from './provocation.js';

export interface SystemStage extends ErrorStage {
  database: TestDatabase;
  api: ApiServer;
  /** empty, of this stage's own */
  folder: string;
}

type Settings = Record<string, unknown>;

export const SYSTEM_PROVOCATIONS: readonly Provocation<SystemStage>[] = [
  { codes: [10001], when: 'the API is started with a configuration that does not exist', provoke: (stage) => failingProcess(stage, 'api', { BOT_CONFIG: join(stage.folder, 'absent.json') }) },
  {
    codes: [10002], when: 'the API is started with a configuration that is no JSON',
    provoke: (stage) => {
      const file = join(stage.folder, 'broken.json');
      writeFileSync(file, '{"mode": "paper",');
      return failingProcess(stage, 'api', { BOT_CONFIG: file });
    },
  },
  { codes: [10003], when: 'the API is asked while PostgreSQL does not answer', provoke: withoutDatabase },
  { codes: [10004], when: 'Redis does not answer', provoke: withoutRedis },
  {
    codes: [10005], when: 'the trading worker is started with a key that may withdraw',
    provoke: (stage) => tradingWorker(stage, { permissions: { ContractTrade: ['Order', 'Position'], Wallet: ['Withdraw'] }, strategies: (base) => base }),
  },
  {
    codes: [20002], when: 'the trading worker is started with a symbol that the exchange does not list',
    provoke: (stage) => tradingWorker(stage, {
      permissions: { ContractTrade: ['Order', 'Position'], Wallet: [] },
      strategies: ([first, ...others]) => [{ ...first, parameters: { ...(first?.['parameters'] as Settings), symbol: 'NOSUCHUSDT' } }, ...others],
    }),
  },
  { codes: [10006], when: 'less disk is free than the configuration asks for', provoke: shortOfDisk },
  { codes: [10007], when: 'the log file cannot be written', provoke: unwritableLog },
  { codes: [40001], when: 'the balance is asked for before it was ever read', provoke: async (stage) => void (await stage.api.ask('/api/v1/account/balance')) },
  { codes: [40003], when: 'a page of a table is damaged on disk', provoke: damagedTable },
  { codes: [40009], when: 'a cached price is too old and its source is away', provoke: expiredCache },
];

async function withoutDatabase(stage: SystemStage): Promise<void> {
  const url = new URL(stage.database.databaseUrl);
  const link = await openSeverableLink({ host: '127.0.0.1', port: Number(url.port) });
  url.port = String(link.port);
  link.cut();
  const open = () => createPostgresLedger({ databaseUrl: url.href, logger: silentLogger, connectTimeoutMs: 500 });
  await askAnApi(stage, { open, path: '/api/v1/account/balance', status: 503 });
  await link.close();
}

/** A copy of a database whose files nobody has read yet, so that what is on disk is what will be read. */
async function damagedTable(stage: SystemStage): Promise<void> {
  const original = await createTestDatabase();
  const ledger = await createPostgresLedger({ databaseUrl: original.databaseUrl, logger: silentLogger });
  await ledger.saveTrade(aTrade());
  await ledger.close();
  const damaged = `${original.name}_damaged`;
  const server = new pg.Client({ connectionString: withDatabase(original.superuserUrl, 'postgres') });
  await server.connect();
  const { rows: [about] } = await server.query<{ version: number; directory: string }>("select current_setting('server_version_num')::int as version, current_setting('data_directory') as directory");
  await server.query(`create database ${damaged} template ${original.name}${(about?.version ?? 0) >= 150_000 ? ' strategy file_copy' : ''}`);
  const damagedUrl = withDatabase(original.superuserUrl, damaged);
  overwriteFirstPage(join(about?.directory ?? '', await fileOf('trades', damagedUrl)));
  const open = () => createPostgresLedger({ databaseUrl: damagedUrl, logger: silentLogger });
  await askAnApi(stage, { open, path: '/api/v1/trades/recent', status: 500 });
  await server.query(`drop database ${damaged} with (force)`);
  await server.end();
  await original.drop();
}

async function fileOf(table: string, databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: [file] } = await client.query<{ path: string }>('select pg_relation_filepath($1::regclass) as path', [table]);
  await client.end();
  return file?.path ?? '';
}

function overwriteFirstPage(file: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(8_192, 0xff), 0, 8_192, 0);
  closeSync(descriptor);
}

/** A second API, whose ledger is in trouble, with the logger of the process under test. */
async function askAnApi(stage: SystemStage, { open, path, status }: { open: () => Promise<Ledger>; path: string; status: number }): Promise<void> {
  let opened: Ledger | undefined;
  const ledger = async (): Promise<Ledger> => (opened ??= await open());
  const api = await serveApi({ ledger, bot: new Proxy({} as never, { get: () => () => Promise.reject(new Error('not asked')) }), logger: stage.logger });
  try {
    const answer = await api.refused(path);
    expect({ status: answer.status, hasFix: answer.json.fix !== '' }).toEqual({ status, hasFix: true });
  } finally {
    await api.close();
    await opened?.close();
  }
}

async function withoutRedis(stage: SystemStage): Promise<void> {
  const cache = openCache({ redisUrl: 'redis://127.0.0.1:1', market: 'test', ttlMs: { instruments: 1_000, tickers: 1_000 }, logger: stage.logger, now: Date.now });
  await cache.read({ kind: 'tickers', key: 'BTCUSDT', load: () => Promise.resolve([]) });
  await cache.close();
}

async function expiredCache(stage: SystemStage): Promise<void> {
  const simulator = await startSimulator({ market: 'synthetic', speed: 'max', fromMs: Date.UTC(2026, 0, 5), rateLimitScale: 0 });
  const exchange = createBybitExchange({
    mode: 'paper', restUrl: simulator.url, wsUrl: simulator.wsUrl, key: simulator.key.key, secret: simulator.key.secret,
    recvWindowMs: 5_000, requestTimeoutMs: 1_000, orderTransport: 'rest', logger: stage.logger, now: Date.now,
  });
  let nowMs = 0;
  const cache = openCache({ redisUrl: undefined, market: 'test', ttlMs: { instruments: 1_000, tickers: 1_000 }, logger: stage.logger, now: () => nowMs });
  const read = () => cache.read({ kind: 'tickers', key: 'BTCUSDT', load: () => exchange.tickers(['BTCUSDT']) });
  await read();
  nowMs = 2_000;
  await fetch(`${simulator.url}/sim/faults`, { method: 'POST', body: JSON.stringify({ rules: [{ kind: 'httpStatus', endpoint: '/v5/market/tickers', status: 502 }] }) });
  expect(await read()).toMatchObject({ isExpired: true });
  await Promise.all([cache.close(), exchange.close()]);
  await simulator.close();
}

async function unwritableLog(stage: SystemStage): Promise<void> {
  const directory = mkdtempSync(join(stage.folder, 'logs-'));
  mkdirSync(join(directory, LOG_FILE_NAME));
  const file = openLogFile({ directory, elsewhere: (line) => void stage.lines.push(line) });
  const log = createStackLog(file, quietReporter);
  const journal = keepStackJournal(log, file, () => stage.database.databaseUrl);
  await expect.poll(() => journal.tally.counts().map(({ code }) => code)).toEqual([10007]);
  await journal.close();
  await file.close();
}

async function shortOfDisk(stage: SystemStage): Promise<void> {
  const file = writeConfiguration(stage.folder, (base) => ({ ...base, resources: { min_free_disk_mb: 100_000_000 } }));
  const child = startProcess(stage, 'maintenance', { BOT_CONFIG: file, ...KEYS, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  await stage.seen(10006);
  child.end();
  await child.ended;
}

/** The preflight must refuse: the process ends by itself. */
async function tradingWorker(stage: SystemStage, { permissions, strategies }: { permissions: Record<string, string[]>; strategies(base: Settings[]): Settings[] }): Promise<void> {
  const simulator = await startSimulator({ market: 'synthetic', speed: 'max', fromMs: Date.UTC(2026, 0, 5), rateLimitScale: 0, keys: [{ key: KEYS.BYBIT_API_KEY, secret: KEYS.BYBIT_API_SECRET, permissions }] });
  const file = writeConfiguration(stage.folder, (base) => ({ ...base, strategies: strategies(base['strategies'] as Settings[]) }));
  await failingProcess(stage, 'trading', { BOT_CONFIG: file, ...KEYS, BYBIT_REST_URL: simulator.url, BYBIT_WS_URL: simulator.wsUrl });
  await simulator.close();
}

const KEYS = { BYBIT_API_KEY: 'key-of-this-test', BYBIT_API_SECRET: 'secret-of-this-test' };

function writeConfiguration(folder: string, change: (base: Settings) => Settings): string {
  const file = join(mkdtempSync(join(folder, 'configuration-')), 'config.json');
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(DEFAULT_CONFIGURATION, 'utf8')) as Settings)));
  return file;
}

async function failingProcess(stage: SystemStage, program: Program, environment: Record<string, string>): Promise<void> {
  expect(await startProcess(stage, program, environment).ended).toBe(1);
}

type Program = 'api' | 'trading' | 'maintenance';

/** From the sources, so that no build can be stale. */
function startProcess(stage: SystemStage, program: Program, environment: Record<string, string>) {
  const script = fileURLToPath(new URL(`../../../workers/${program}-main.ts`, import.meta.url));
  const env = {
    PATH: process.env['PATH'], TEMPORAL_ADDRESS: temporalAddress(), DATABASE_URL: stage.database.databaseUrl, BOT_API_PORT: '0',
    BOT_DATA_DIR: stage.folder, BOT_MARKET: 'synthetic', ...environment,
  };
  const child = fork(script, [], { env, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => void stage.lines.push(line));
  return {
    end: () => void child.kill('SIGKILL'),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

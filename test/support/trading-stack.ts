/**
 * A whole bot inside one test process, with real parts: the simulated exchange in lock-step, PostgreSQL, Temporal, the
 * real trading worker. Only the processes are missing; drills have those.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, type Worker } from '@temporalio/worker';
import { createBybitExchange } from '../../adapters/bybit/exchange.js';
import { createPostgresLedger } from '../../adapters/postgres/ledger.js';
import { ensureNamespace } from '../../adapters/temporal/namespace.js';
import { compareBooks, type Verdict } from '../../checker/compare-books.js';
import { readExchangeBook } from '../../checker/exchange-book.js';
import { readLedgerBook } from '../../checker/ledger-book.js';
import { loadConfiguration } from '../../config/load.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { startEntities } from '../../workers/entities.js';
import { createTradingWorkers } from '../../workers/trading-worker.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';
import { silentLogger } from './silent-logger.js';
import { temporalAddress, unique } from './temporal.js';

export interface TradingStack {
  client: Client;
  ledger: Ledger;
  simulator: Simulator;
  database: TestDatabase;
  /** moves the market candle by candle; each time the bot has dealt with the last */
  replayUntil(marketMs: number): Promise<void>;
  /** resolves when the bot has dealt with every candle up to the instant */
  dealtWith(marketMs: number): Promise<void>;
  check(): Promise<Verdict>;
  stop(): Promise<void>;
}

export interface TradingStackOptions {
  fromMs: number;
  toMs: number;
  seed: number;
  /** the configuration document; absent: the default one */
  configuration?: Record<string, unknown>;
  faults?: unknown;
}

const DEFAULT_CONFIGURATION = new URL('../../config/default.json', import.meta.url).pathname;
const STEP_MS = 900_000;
let bundle: Promise<{ code: string }> | undefined;

/** The workflows, bundled once per test process. */
export function workflowBundle(): Promise<{ code: string }> {
  bundle ??= bundleWorkflowCode({ workflowsPath: new URL('../../workflows/index.ts', import.meta.url).pathname, logger: quiet });
  return bundle;
}

const quiet = { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export async function startTradingStack(options: TradingStackOptions): Promise<TradingStack> {
  const { fromMs, toMs, seed } = options;
  const simulator = await startSimulator({ market: 'synthetic', seed, speed: 'max', fromMs, toMs, rateLimitScale: 0, ackDelayMs: 1 });
  const database = await createTestDatabase();
  const ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  const namespace = unique('stack');
  const address = temporalAddress();
  const [connection, native] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]);
  await ensureNamespace(connection, namespace);
  const client = new Client({ connection, namespace });
  const workers = await startWorkers({ simulator, ledger, client, native, namespace, options });
  const dealtWith = (marketMs: number): Promise<void> => untilDecided(ledger, marketMs);
  return {
    client, ledger, simulator, database, dealtWith,
    replayUntil: async (marketMs) => {
      for (let nowMs = simulator.status().marketMs; nowMs <= marketMs; nowMs += STEP_MS) {
        await advance(simulator, nowMs);
        await dealtWith(Math.floor(nowMs / STEP_MS) * STEP_MS);
      }
    },
    check: async () => compareBooks(await readExchangeBook(simulator.url), await readLedgerBook(database.databaseUrl), { unprotectedMsMax: 2_000 }),
    stop: async () => {
      await workers.stop();
      await ledger.close();
      await native.close();
      await connection.close();
      await simulator.close();
      await database.drop();
    },
  };
}

interface WorkerNeeds {
  simulator: Simulator;
  ledger: Ledger;
  client: Client;
  native: NativeConnection;
  namespace: string;
  options: TradingStackOptions;
}

async function startWorkers({ simulator, ledger, client, native, namespace, options }: WorkerNeeds): Promise<{ stop(): Promise<void> }> {
  const configuration = await loadConfiguration(await configurationFile(options));
  const exchange = createBybitExchange({
    mode: 'paper', restUrl: simulator.url, wsUrl: simulator.wsUrl, key: simulator.key.key, secret: simulator.key.secret,
    recvWindowMs: 5_000, requestTimeoutMs: 2_000, orderTransport: 'rest', logger: silentLogger, now: Date.now,
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'bundle-'));
  const workflowBundlePath = path.join(folder, 'workflow-bundle.js');
  await writeFile(workflowBundlePath, (await workflowBundle()).code);
  const workers = await createTradingWorkers({
    namespace, instance: 'test', connection: native, client, configuration, exchange, ledger, logger: silentLogger, workflowBundlePath, leave: () => undefined,
  });
  const running = Promise.all(workers.map((worker: Worker) => worker.run()));
  await startEntities(client);
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await exchange.close();
    },
  };
}

async function configurationFile({ configuration }: TradingStackOptions): Promise<string> {
  if (!configuration) return DEFAULT_CONFIGURATION;
  const folder = await mkdtemp(path.join(tmpdir(), 'configuration-'));
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify(configuration));
  return file;
}

async function advance(simulator: Simulator, untilMs: number): Promise<void> {
  const reply = await fetch(new URL('/sim/advance', simulator.url), { method: 'POST', body: JSON.stringify({ until: untilMs }) });
  if (!reply.ok) throw new Error(`advance: ${reply.status} ${await reply.text()}`);
}

async function untilDecided(ledger: Ledger, marketMs: number): Promise<void> {
  while ((await ledger.decidedThroughMs()) < marketMs) await new Promise((resolve) => setTimeout(resolve, 5));
}

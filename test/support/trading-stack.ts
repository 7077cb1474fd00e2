/**
 * A whole bot inside one test process, with real parts: the simulated exchange in lock-step, PostgreSQL, Temporal, the
 * real trading worker. Only the processes are missing; drills have those. The worker reaches its ledger over a link that
 * a test can cut; `ledger` and `database` are the test's own ways to the same database.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { createBybitExchange } from '../../adapters/bybit/exchange.js';
import { openCache } from '../../adapters/cache/open-cache.js';
import { createPostgresLedger } from '../../adapters/postgres/ledger.js';
import { ensureNamespace } from '../../adapters/temporal/namespace.js';
import { compareBooks, type Verdict } from '../../checker/compare-books.js';
import { readExchangeBook, type ExchangeBook } from '../../checker/exchange-book.js';
import { readLedgerBook } from '../../checker/ledger-book.js';
import { loadConfiguration } from '../../config/load.js';
import type { Cache } from '../../core/ports/cache.js';
import type { EmergencyLatch } from '../../core/ports/emergency-latch.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { SimulatorOptionsInput } from '../../simulator/options.js';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { openEmergencyLatch } from '../../workers/emergency-latch.js';
import { startEntities } from '../../workers/entities.js';
import { createTradingWorkers } from '../../workers/trading-worker.js';
import { bundleWorkflows } from '../../workers/workflow-bundle.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';
import { DEFAULT_CONFIGURATION, writeScriptedConfiguration, type Script } from './scripted-configuration.js';
import { openSeverableLink, type SeverableLink } from './severable-link.js';
import { silentLogger } from './silent-logger.js';
import { temporalAddress, unique } from './temporal.js';

export interface TradingStack {
  client: Client;
  namespace: string;
  /** the one that the workers obey */
  latch: EmergencyLatch;
  /** the file that every worker reads at its start */
  configurationPath: string;
  /** the adapter that the workers use */
  exchange: Exchange;
  ledger: Ledger;
  /** the workers' own way to it, over the link */
  workerLedger: Ledger;
  simulator: Simulator;
  database: TestDatabase;
  /** between the workers and the database */
  databaseLink: SeverableLink;
  /** moves the market candle by candle; each time the bot has dealt with the last */
  replayUntil(marketMs: number): Promise<void>;
  /** moves the market and waits for nobody */
  advanceTo(marketMs: number): Promise<void>;
  /** resolves when the bot has dealt with every candle up to the instant */
  dealtWith(marketMs: number): Promise<void>;
  /** an admin endpoint of the simulator */
  simulate(endpoint: 'faults' | 'jump' | 'funding', body: unknown): Promise<void>;
  clearFaults(): Promise<void>;
  /** the worker that every stack starts with, instance `first` */
  firstWorker: RunningWorker;
  /** one more worker on the same queues */
  startWorker(instance: string): Promise<RunningWorker>;
  /** starts the lasting workflows, as every worker process does */
  startEntities(): Promise<void>;
  /** what the workers have logged, message by message */
  logged: readonly string[];
  check(): Promise<Verdict>;
  book(): Promise<ExchangeBook>;
  stop(): Promise<void>;
}

export interface RunningWorker {
  stop(): Promise<void>;
}

export interface TradingStackOptions {
  fromMs: number;
  toMs: number;
  seed: number;
  /** ms between two steps of `replayUntil`; absent: 15 minutes */
  stepMs?: number;
  /** what is traded when; absent: the default configuration */
  script?: Script;
  simulator?: SimulatorOptionsInput;
  /** of the workers and their edges; absent: its messages are kept in `logged` */
  logger?: Logger;
  /** absent: written from the script, else the default */
  configurationPath?: string;
  /** a worker that is asked over its control queue to leave does so and is started again, as a supervisor would */
  supervised?: true;
}

const STEP_MS = 900_000;
let bundle: Promise<{ code: string }> | undefined;
const quiet = { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The workflows, bundled once per test process. */
export function workflowBundle(): Promise<{ code: string }> {
  bundle ??= bundleWorkflows(new URL('../../workflows/index.ts', import.meta.url).pathname, quiet);
  return bundle;
}

let isRuntimeInstalled = false;

/** The SDK's own log would bury the results; it keeps what a failed run needs. */
export function installQuietRuntime(): void {
  if (!isRuntimeInstalled) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isRuntimeInstalled = true;
}

export async function startTradingStack(options: TradingStackOptions): Promise<TradingStack> {
  installQuietRuntime();
  const { fromMs, toMs, seed, stepMs = STEP_MS } = options;
  const namespace = unique('stack');
  const [simulator, database, temporal] = await Promise.all([
    startSimulator({ market: 'synthetic', seed, speed: 'max', fromMs, toMs, rateLimitScale: 0, ackDelayMs: 1, ...options.simulator }),
    createTestDatabase(),
    connect(namespace),
    workflowBundle(),
  ]);
  const { client } = temporal;
  const databaseLink = await openSeverableLink({ host: '127.0.0.1', port: Number(new URL(database.databaseUrl).port) });
  const [ledger, workerLedger] = await Promise.all([openLedger(database.databaseUrl), openLedger(behind(databaseLink, database.databaseUrl), options.logger)]);
  const exchange = exchangeAt(simulator, options.logger);
  const configurationPath = options.configurationPath ?? (options.script ? await writeScriptedConfiguration(options.script) : DEFAULT_CONFIGURATION);
  const logged: string[] = [];
  const dataDir = await mkdtemp(path.join(tmpdir(), 'data-'));
  const latch = openEmergencyLatch({ dataDir, ledger: () => Promise.resolve(workerLedger) });
  const team = new Team({ configurationPath, latch, logger: options.logger ?? loggerInto(logged), exchange, ledger: workerLedger, client, namespace, supervised: options.supervised === true });
  const firstWorker = await team.start('first');
  await startEntities(client);
  const dealtWith = (marketMs: number): Promise<void> => untilDecided(ledger, marketMs);
  const advanceTo = (marketMs: number): Promise<void> => post(simulator, 'advance', { until: marketMs });
  return {
    client, namespace, configurationPath, latch, exchange, ledger, workerLedger, simulator, database, databaseLink, firstWorker, logged, dealtWith, advanceTo,
    replayUntil: async (marketMs) => {
      for (let nowMs = simulator.status().marketMs; nowMs <= marketMs; nowMs += stepMs) {
        await advanceTo(nowMs);
        await dealtWith(Math.floor(nowMs / stepMs) * stepMs);
      }
    },
    simulate: (endpoint, body) => post(simulator, endpoint, body),
    clearFaults: async () => void (await fetch(new URL('/sim/faults', simulator.url), { method: 'DELETE' })),
    startWorker: (instance) => team.start(instance),
    startEntities: () => startEntities(client),
    check: async () => compareBooks(await readExchangeBook(simulator.url), await readLedgerBook(database.databaseUrl), { unprotectedMsMax: 2_000 }),
    book: () => readExchangeBook(simulator.url),
    stop: async () => {
      await team.stop();
      await Promise.all([exchange.close(), ledger.close(), workerLedger.close(), temporal.close()]);
      await Promise.all([simulator.close(), databaseLink.close()]);
      await database.drop();
    },
  };
}

/** A namespace of its own, because the bot's workflow ids are fixed. */
async function connect(namespace: string): Promise<{ client: Client; close(): Promise<void> }> {
  const connection = await Connection.connect({ address: temporalAddress() });
  await ensureNamespace(connection, namespace);
  return { client: new Client({ connection, namespace, identity: 'test' }), close: () => connection.close() };
}

function openLedger(databaseUrl: string, logger: Logger = silentLogger): Promise<Ledger> {
  return createPostgresLedger({ databaseUrl, logger, connectTimeoutMs: 1_000, statementTimeoutMs: 5_000 });
}

function behind(link: SeverableLink, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(link.port);
  return url.toString();
}

function exchangeAt(simulator: Simulator, logger: Logger = silentLogger): Exchange {
  return createBybitExchange({
    mode: 'paper', restUrl: simulator.url, wsUrl: simulator.wsUrl, key: simulator.key.key, secret: simulator.key.secret,
    recvWindowMs: 5_000, requestTimeoutMs: 2_000, orderTransport: 'rest', logger, now: Date.now,
  });
}

function loggerInto(messages: string[]): Logger {
  const keep = (message: string): void => void messages.push(message);
  const logger: Logger = { debug: keep, info: keep, warning: keep, error: keep, critical: keep, child: () => logger };
  return logger;
}

interface TeamNeeds {
  /** read by every worker at its start, as a process does */
  configurationPath: string;
  latch: EmergencyLatch;
  logger: Logger;
  exchange: Exchange;
  ledger: Ledger;
  client: Client;
  namespace: string;
  supervised: boolean;
}

/** The trading workers that are at work, each with a connection of its own, as processes would have. */
class Team {
  private readonly members = new Set<RunningWorker>();
  private replacing: Promise<unknown> = Promise.resolve();

  constructor(private readonly needs: TeamNeeds) {}

  async start(instance: string): Promise<RunningWorker> {
    const [connection, workflowBundlePath, configuration] = await Promise.all([NativeConnection.connect({ address: temporalAddress() }), bundleFile(), loadConfiguration(this.needs.configurationPath)]);
    const workers = await createTradingWorkers({ ...this.needs, configuration, cache: cacheOfItsOwn(), instance, connection, workflowBundlePath, leave: () => this.replace(instance, () => member) });
    const running = Promise.all(workers.map((worker: Worker) => worker.run()));
    const member: RunningWorker = {
      stop: async () => {
        if (!this.members.delete(member)) return;
        for (const worker of workers) worker.shutdown();
        await running;
        await Promise.all([connection.close(), rm(path.dirname(workflowBundlePath), { recursive: true })]);
      },
    };
    this.members.add(member);
    return member;
  }

  private replace(instance: string, leaving: () => RunningWorker): void {
    if (!this.needs.supervised) return;
    this.replacing = leaving().stop().then(() => this.start(instance));
  }

  async stop(): Promise<void> {
    await this.replacing;
    await Promise.all([...this.members].map((member) => member.stop()));
  }
}

function cacheOfItsOwn(): Cache {
  return openCache({ redisUrl: undefined, market: 'test', ttlMs: { instruments: 3_600_000, tickers: 5_000 }, logger: silentLogger, now: Date.now });
}

async function bundleFile(): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'bundle-')), 'workflow-bundle.js');
  await writeFile(file, (await workflowBundle()).code);
  return file;
}

async function post(simulator: Simulator, endpoint: string, body: unknown): Promise<void> {
  const reply = await fetch(new URL(`/sim/${endpoint}`, simulator.url), { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${endpoint}: ${reply.status} ${await reply.text()}`);
}

async function untilDecided(ledger: Ledger, marketMs: number): Promise<void> {
  while ((await ledger.decidedThroughMs()) < marketMs) await new Promise((resolve) => setTimeout(resolve, 5));
}

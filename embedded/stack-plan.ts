/**
 * What will be started, decided before anything is written: configuration, data directory, market, ports, foreign parts.
 * Whatever is wrong is told here, while nothing has happened yet.
 */
import { resolve } from 'node:path';
import { loadConfiguration, type Configuration } from '../config/load.js';
import { waitForNamespace } from '../adapters/temporal/reach.js';
import { BotError } from '../core/errors/bot-error.js';
import { dataDirectory, readStackRecord, refuseWhenInUse, type DataDirectory, type StackRecord } from './data-directory.js';
import { checkMarket } from './check-market.js';
import { chooseMarket, type MarketChoice, type ProbeFeed } from './market-choice.js';
import type { StackOptions } from './options.js';
import type { ApiKeys } from './paper-keys.js';
import { claimPorts, type PortWish } from './ports.js';
import { waitForPostgres } from './postgres/wait.js';
import type { StackReporter } from './reporter.js';
import { findLeftOvers } from './supervisor/run-record.js';
import { DEFAULT_NAMESPACE } from './temporal/wait.js';

const REACH_TIMEOUT_MS = 5_000;

export interface StackPorts {
  api: number;
  /** undefined: runs elsewhere, or is not started */
  temporal: number | undefined;
  temporalMetrics: number | undefined;
  ui: number | undefined;
  postgres: number | undefined;
  simulator: number | undefined;
}

/** Who plays the exchange. */
export type ExchangePlan =
  | { kind: 'simulator'; market: MarketChoice }
  | { kind: 'elsewhere'; restUrl: string; wsUrl: string; keys: ApiKeys }
  | { kind: 'bybit'; keys: ApiKeys };

export interface StackPlan {
  directory: DataDirectory;
  configuration: Configuration;
  configPath: string;
  exchange: ExchangePlan;
  ports: StackPorts;
  namespace: string;
  /** undefined: started here */
  temporalAddress: string | undefined;
  databaseUrl: string | undefined;
  record: StackRecord;
}

export interface PlanInput {
  options: StackOptions;
  env: Readonly<Record<string, string | undefined>>;
  reporter: StackReporter;
  probe: ProbeFeed;
}

const STEP = 'checks before the start';

/** Rejects with the BotError of whatever is wrong first. Writes nothing. */
export async function planStack(input: PlanInput): Promise<StackPlan> {
  input.reporter.started(STEP);
  try {
    return await plan(input);
  } finally {
    input.reporter.dropped(STEP);
  }
}

async function plan(input: PlanInput): Promise<StackPlan> {
  const { options, env } = input;
  const configPath = resolve(options.configPath);
  const configuration = await loadConfiguration(configPath);
  const directory = dataDirectory(options.dataDir);
  refuseWhenInUse(directory);
  const held = readStackRecord(directory);
  refuseOtherMode(configuration, held);
  const namespace = present(env, 'TEMPORAL_NAMESPACE') ?? DEFAULT_NAMESPACE;
  const foreign = { temporalAddress: present(env, 'TEMPORAL_ADDRESS'), databaseUrl: present(env, 'DATABASE_URL') };
  const [exchange] = await Promise.all([
    planExchange(input, configuration, held),
    foreign.temporalAddress === undefined ? undefined : waitForNamespace({ address: foreign.temporalAddress, namespace, timeoutMs: REACH_TIMEOUT_MS }),
    foreign.databaseUrl === undefined ? undefined : waitForPostgres(foreign.databaseUrl, REACH_TIMEOUT_MS),
  ]);
  const ports = await planPorts(options, { ...foreign, simulated: exchange.kind === 'simulator', directory });
  const record: StackRecord = { mode: configuration.mode, ...(exchange.kind === 'simulator' ? { market: exchange.market.record } : {}) };
  return { directory, configuration, configPath, exchange, ports, namespace, ...foreign, record };
}

function refuseOtherMode(configuration: Configuration, held: StackRecord | undefined): void {
  if (held === undefined || held.mode === configuration.mode) return;
  throw new BotError(10002, `The data directory belongs to mode ${held.mode}, the configuration says ${configuration.mode}: two accounts would share one ledger`, {
    fix: `Start mode ${configuration.mode} with another --data-dir`,
  });
}

async function planExchange(input: PlanInput, configuration: Configuration, held: StackRecord | undefined): Promise<ExchangePlan> {
  const { env, options } = input;
  if (configuration.mode !== 'paper') return { kind: 'bybit', keys: requiredKeys(env, configuration.mode) };
  const restUrl = present(env, 'BYBIT_REST_URL');
  const wsUrl = present(env, 'BYBIT_WS_URL');
  if ((restUrl === undefined) !== (wsUrl === undefined)) {
    throw new BotError(10002, 'BYBIT_REST_URL and BYBIT_WS_URL belong together: only one of them is set', { fix: 'Set both or neither' });
  }
  if (restUrl !== undefined && wsUrl !== undefined) return { kind: 'elsewhere', restUrl, wsUrl, keys: requiredKeys(env, 'paper on a given exchange') };
  const data = options.market.data === undefined ? undefined : resolve(options.market.data);
  const { strategies } = configuration;
  const symbols = { traded: strategies.filter(({ enabled }) => enabled).map(({ symbol }) => symbol), named: strategies.map(({ symbol }) => symbol) };
  const market = await chooseMarket({ wish: { ...options.market, data }, held: held?.market, probe: input.probe, symbols });
  if (held?.market === undefined) await checkMarket(market.record, { ...env });
  return { kind: 'simulator', market };
}

function requiredKeys(env: PlanInput['env'], mode: string): ApiKeys {
  const key = present(env, 'BYBIT_API_KEY');
  const secret = present(env, 'BYBIT_API_SECRET');
  if (key !== undefined && secret !== undefined) return { key, secret };
  const missing = [key === undefined ? 'BYBIT_API_KEY' : '', secret === undefined ? 'BYBIT_API_SECRET' : ''].filter((name) => name !== '');
  throw new BotError(10005, `Mode ${mode} needs ${missing.join(' and ')}`, { fix: `Set ${missing.join(' and ')} in the environment; the keys are made on Bybit under API management` });
}

interface PortNeeds {
  temporalAddress: string | undefined;
  databaseUrl: string | undefined;
  simulated: boolean;
  directory: DataDirectory;
}

async function planPorts(options: StackOptions, needs: PortNeeds): Promise<StackPorts> {
  const { ports, headless } = options;
  const temporalHere = needs.temporalAddress === undefined;
  const wanted: [keyof StackPorts, PortWish | undefined][] = [
    ['api', { purpose: 'the API', option: '--port', port: ports.api }],
    ['temporal', temporalHere ? { purpose: 'the Temporal server', option: '--temporal-port', port: ports.temporal } : undefined],
    ['temporalMetrics', temporalHere ? { purpose: 'the metrics of the Temporal server', option: '--temporal-port', port: 0 } : undefined],
    ['ui', temporalHere && !headless ? { purpose: 'the Temporal Web UI', option: '--ui-port', port: ports.ui } : undefined],
    ['postgres', needs.databaseUrl === undefined ? { purpose: 'PostgreSQL', option: '--postgres-port', port: ports.postgres } : undefined],
    ['simulator', needs.simulated ? { purpose: 'the simulated exchange', option: '--simulator-port', port: ports.simulator } : undefined],
  ];
  const leftOvers = new Set(findLeftOvers(needs.directory.runDirectory).map(({ pid }) => pid));
  const needed = wanted.flatMap(([name, wish]) => (wish === undefined ? [] : [{ name, wish }]));
  const claimed = await claimPorts(needed.map(({ wish }) => wish), leftOvers);
  const byName = new Map(needed.map(({ name }, index) => [name, claimed[index]]));
  return {
    api: byName.get('api') ?? ports.api,
    temporal: byName.get('temporal'), temporalMetrics: byName.get('temporalMetrics'), ui: byName.get('ui'),
    postgres: byName.get('postgres'), simulator: byName.get('simulator'),
  };
}

/** An empty variable counts as absent. */
function present(env: PlanInput['env'], name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

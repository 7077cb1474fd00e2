/** From the plan to the parts: what is started, in which order, with which environment. */
import { join } from 'node:path';
import { LOG_FILE_NAME } from './log-file.js';
import type { ApiKeys } from './paper-keys.js';
import { simulatorArguments } from './market-choice.js';
import { postgresPart } from './parts/postgres-part.js';
import { programPart } from './parts/program-parts.js';
import { temporalPart } from './parts/temporal-part.js';
import type { StackReporter } from './reporter.js';
import type { StackLog } from './stack-log.js';
import type { StackPlan } from './stack-plan.js';
import type { Part } from './supervisor/part.js';

export interface Addresses {
  temporalAddress: string;
  /** known once the database has been prepared */
  databaseUrl: string | undefined;
  exchange: { restUrl: string; wsUrl: string } | undefined;
}

export interface PartsInput {
  plan: StackPlan;
  env: Readonly<Record<string, string | undefined>>;
  keys: ApiKeys;
  addresses: Addresses;
  log: StackLog;
  reporter: StackReporter;
}

export function stackParts(input: PartsInput): Part[] {
  const servers = [...temporalParts(input), ...postgresParts(input), ...simulatorParts(input)];
  const needed = servers.map(({ name }) => name);
  const withoutExchange = needed.filter((name) => name !== 'simulator');
  return [
    ...servers,
    programPart({ name: 'trading-worker', dependsOn: needed, env: () => workerEnvironment(input) }),
    programPart({ name: 'maintenance-worker', dependsOn: needed, env: () => workerEnvironment(input) }),
    // It tells what is down, so it does not wait for what is down.
    programPart({ name: 'api', dependsOn: withoutExchange, restartNeeds: [], env: () => apiEnvironment(input) }),
  ];
}

function temporalParts({ plan, env, log, reporter }: PartsInput): Part[] {
  const { temporal, temporalMetrics, ui } = plan.ports;
  if (temporal === undefined || temporalMetrics === undefined) return [];
  return [temporalPart({
    env, directory: plan.directory.temporalDirectory, port: temporal, metricsPort: temporalMetrics, uiPort: ui ?? null,
    namespace: plan.namespace, logger: log.logger, onProgress: (message) => reporter.progress('temporal', message),
  })];
}

function postgresParts({ plan, env, addresses, log, reporter }: PartsInput): Part[] {
  const { postgres } = plan.ports;
  if (postgres === undefined) return [];
  return [postgresPart({
    env, directory: plan.directory.postgresDirectory, ledgerNote: plan.directory.ledgerNote, port: postgres, logger: log.logger,
    onProgress: (message) => reporter.progress('postgres', message),
    onPrepared: (databaseUrl) => {
      log.addSecret(decodeURIComponent(new URL(databaseUrl).password));
      addresses.databaseUrl = databaseUrl;
    },
  })];
}

function simulatorParts({ plan, env, keys }: PartsInput): Part[] {
  const { simulator } = plan.ports;
  if (simulator === undefined || plan.exchange.kind !== 'simulator') return [];
  const args = ['--port', String(simulator), '--state-dir', plan.directory.simulatorDirectory, ...simulatorArguments(plan.exchange.market.record)];
  return [programPart({ name: 'simulator', dependsOn: [], args, env: () => ({ ...env, SIM_API_KEY: keys.key, SIM_API_SECRET: keys.secret }) })];
}

function workerEnvironment(input: PartsInput): NodeJS.ProcessEnv {
  return { ...commonEnvironment(input), ...exchangeEnvironment(input), BOT_DATA_DIR: input.plan.directory.path };
}

/** The API has the keys for one purpose: the emergency stop, when Temporal cannot carry it out. */
function apiEnvironment(input: PartsInput): NodeJS.ProcessEnv {
  return {
    ...commonEnvironment(input), ...exchangeEnvironment(input),
    BOT_LOG_FILE: join(input.plan.directory.logsDirectory, LOG_FILE_NAME), BOT_API_PORT: String(input.plan.ports.api), BOT_DATA_DIR: input.plan.directory.path,
  };
}

function exchangeEnvironment({ keys, addresses }: PartsInput): NodeJS.ProcessEnv {
  const urls = addresses.exchange === undefined ? {} : { BYBIT_REST_URL: addresses.exchange.restUrl, BYBIT_WS_URL: addresses.exchange.wsUrl };
  return { ...urls, BYBIT_API_KEY: keys.key, BYBIT_API_SECRET: keys.secret };
}

function commonEnvironment({ plan, env, addresses }: PartsInput): NodeJS.ProcessEnv {
  return {
    ...env,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: plan.namespace,
    DATABASE_URL: addresses.databaseUrl,
    BOT_CONFIG: plan.configPath,
    BOT_INSTANCE: '1',
    BOT_MARKET: marketWords(plan),
  };
}

/** Plain words on where prices come from. */
export function marketWords({ exchange, configuration }: Pick<StackPlan, 'exchange' | 'configuration'>): string {
  switch (exchange.kind) {
    case 'simulator':
      return exchange.market.words;
    case 'elsewhere':
      return `simulated exchange at ${exchange.restUrl}`;
    case 'bybit':
      return `Bybit ${configuration.mode}`;
  }
}

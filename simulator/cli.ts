/**
 * The command line of the simulator. Every option is also an environment variable, SIM_ and its name; keys come from
 * the environment only, because arguments are visible to every user of the machine.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { readFaultPlan } from './faults/fault-rule.js';
import type { SimulatorOptionsInput } from './options.js';

interface CommandLine {
  port: number;
  host: string;
  stateDir?: string;
  market?: 'replay' | 'synthetic' | 'live';
  data?: string;
  symbols: string[];
  seed: number;
  speed: number | 'max';
  from?: number;
  to?: number;
  rebase?: boolean;
  balance: string;
  partialFills?: number;
  rateLimitScale: number;
  historyLag: number;
  faultPlan?: string;
  check?: boolean;
  upstreamRest?: string;
  upstreamWs?: string;
  apiKey?: string;
  apiSecret?: string;
}

export interface SimulatorCommand {
  /** look at the market and leave */
  onlyCheck: boolean;
  options: SimulatorOptionsInput;
}

/** Prints help or a usage error and leaves, as commander does; otherwise what to do. */
export function readCommandLine(argv: readonly string[]): SimulatorCommand {
  const line = commandLine().parse(argv).opts<CommandLine>();
  return { onlyCheck: line.check ?? false, options: optionsOf(line) };
}

function optionsOf(line: CommandLine): SimulatorOptionsInput {
  return {
    host: line.host, port: line.port, market: line.market ?? (line.data === undefined ? 'synthetic' : 'replay'), symbols: line.symbols, seed: line.seed, speed: line.speed, balance: line.balance,
    rebase: line.rebase ?? false, rateLimitScale: line.rateLimitScale, historyLagMs: line.historyLag,
    ...defined({
      stateDir: line.stateDir, data: line.data, fromMs: line.from, toMs: line.to, partialFillParts: line.partialFills,
      upstreamRestUrl: line.upstreamRest, upstreamWsUrl: line.upstreamWs,
    }),
    ...(line.faultPlan === undefined ? {} : { faults: readFaultPlan(line.faultPlan) }),
    ...(line.apiKey === undefined || line.apiSecret === undefined ? {} : { keys: [{ key: line.apiKey, secret: line.apiSecret }] }),
  };
}

function commandLine(): Command {
  return new Command('simulator')
    .description('A simulated exchange that speaks Bybit V5 (REST and WebSocket) on one loopback port')
    .addOption(option('--port <number>', 'port; 0 takes a free one', 'SIM_PORT').default(0).argParser(wholeNumber))
    .addOption(option('--host <host>', 'loopback address to listen on', 'SIM_HOST').default('127.0.0.1'))
    .addOption(option('--state-dir <folder>', 'journal and keys; without it nothing survives the process', 'SIM_STATE_DIR'))
    .addOption(option('--market <source>', 'where prices come from; absent: replay with --data, otherwise synthetic', 'SIM_MARKET').choices(['replay', 'synthetic', 'live']))
    .addOption(option('--data <folder>', 'recorded candles for --market replay', 'SIM_DATA'))
    .addOption(option('--symbols <list>', 'comma-separated symbols', 'SIM_SYMBOLS').default(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']).argParser((text) => text.split(',').map((symbol) => symbol.trim())))
    .addOption(option('--seed <number>', 'of the synthetic market and of partial fills', 'SIM_SEED').default(1).argParser(wholeNumber))
    .addOption(option('--speed <factor>', 'times real time, or max for lock-step', 'SIM_SPEED').default(1).argParser(speed))
    .addOption(option('--from <instant>', 'first played instant, ISO 8601 or ms', 'SIM_FROM').argParser(instant))
    .addOption(option('--to <instant>', 'end, exclusive, ISO 8601 or ms', 'SIM_TO').argParser(instant))
    .addOption(option('--rebase', 'move the market in time so that it starts now', 'SIM_REBASE'))
    .addOption(option('--balance <usdt>', 'starting balance', 'SIM_BALANCE').default('10000'))
    .addOption(option('--partial-fills <parts>', 'fill every order in up to this many parts', 'SIM_PARTIAL_FILLS').argParser(wholeNumber))
    .addOption(option('--rate-limit-scale <factor>', 'multiplies Bybit\'s rate limits; 0 switches them off', 'SIM_RATE_LIMIT_SCALE').default(1).argParser(factor))
    .addOption(option('--history-lag <ms>', 'market ms until a closed order appears in the history', 'SIM_HISTORY_LAG').default(0).argParser(wholeNumber))
    .addOption(option('--fault-plan <file>', 'JSON plan of injected faults', 'SIM_FAULT_PLAN'))
    .addOption(new Option('--check', 'only see whether the market can be shown: reads everything, serves and writes nothing'))
    .addOption(option('--upstream-rest <url>', 'exchange that --market live relays', 'SIM_UPSTREAM_REST'))
    .addOption(option('--upstream-ws <url>', 'its WebSocket address', 'SIM_UPSTREAM_WS'))
    .addOption(option('--api-key <key>', 'only from the environment', 'SIM_API_KEY').hideHelp())
    .addOption(option('--api-secret <secret>', 'only from the environment', 'SIM_API_SECRET').hideHelp());
}

const option = (flags: string, description: string, variable: string): Option => new Option(flags, description).env(variable);

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}

function factor(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('a number of 0 or more is needed');
  return value;
}

function speed(text: string): number | 'max' {
  return text === 'max' ? 'max' : factor(text);
}

/** ISO 8601 (UTC when it names no zone) or ms since epoch. */
function instant(text: string): number {
  const value = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('an instant is needed, for example 2026-01-31T00:00:00Z');
  return value;
}

/** The given fields only. */
function defined<Fields extends Record<string, unknown>>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}

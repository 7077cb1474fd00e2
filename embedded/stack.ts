/**
 * The one-command stack as a value: `startStack` brings everything up, the result steers and stops it. Used by
 * `npm start` and, in process, by drills and benchmarks. It never ends the process it runs in.
 */
import { onlyOnce } from './only-once.js';
import type { ProcessEnvironment } from '../config/process-environment.js';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import type { Logger } from '../core/ports/logger.js';
import { intervalMs } from '../core/market/interval.js';
import { claimDirectory, takeDataDirectory } from './data-directory.js';
import { createMarketClock } from './lock-step/market-clock.js';
import { watchDecided } from './lock-step/decided-watch.js';
import { paceInLockStep, type PacerSummary } from './lock-step/pacer.js';
import { openLogFile, type LogFile } from './log-file.js';
import { probeBybit, type ProbeFeed } from './market-choice.js';
import type { StackOptions } from './options.js';
import { paperKeys, type ApiKeys } from './paper-keys.js';
import { migrateTold } from './parts/postgres-part.js';
import type { ControlWorker } from '../workers/control-worker.js';
import type { ErrorJournal } from '../workers/error-journal.js';
import { quietReporter, type StackReporter } from './reporter.js';
import { keepStackJournal } from './stack-journal.js';
import { createStackLog, type StackLog } from './stack-log.js';
import { writeStackNote } from './stack-note.js';
import { marketWords, stackParts, type Addresses } from './stack-parts.js';
import { planStack, type StackPlan, type StackPorts } from './stack-plan.js';
import { describeExit, type SupervisorEvent } from './supervisor/part.js';
import { endLeftOvers } from './supervisor/run-record.js';
import { Supervisor } from './supervisor/supervisor.js';
import { serveSupervisor } from './supervisor-control.js';

export interface StartStackInput {
  options: StackOptions;
  env: ProcessEnvironment;
  reporter?: StackReporter;
  /** asks whether Bybit's public feed answers; only asked for `--market auto` */
  probe?: ProbeFeed;
  /** gives up a start that is under way: what has been started is stopped, and `startStack` rejects */
  signal?: AbortSignal;
}

export interface RunningStack {
  dataDir: string;
  logFile: string;
  mode: string;
  /** plain words on where prices come from */
  market: string;
  ports: StackPorts;
  apiUrl: string;
  temporalAddress: string;
  /** undefined: not started, or somewhere else */
  temporalUiUrl: string | undefined;
  /** holds the password: never log it */
  databaseUrl: string;
  /** undefined when the exchange runs elsewhere */
  simulatorUrl: string | undefined;
  keys: ApiKeys;
  /** by part; undefined while a part is between two lives */
  pids(): Record<string, number | undefined>;
  restarts(): Record<string, number>;
  kill(part: string, signal: NodeJS.Signals): void;
  /** resolves when the part serves (again) */
  whenReady(part: string): Promise<void>;
  /** Resolves at the end of a lock-step market (or when the stack is stopped before). Rejects with 10002 when the market is not in lock-step. */
  awaitReplayFinished(): Promise<PacerSummary>;
  /** graceful: workers first; `force` kills everything that is left, also while a graceful stop is under way */
  stop(options?: { force?: boolean }): Promise<void>;
}

/** Rejects with the BotError that says why the stack cannot run; nothing is left running then. */
export async function startStack(input: StartStackInput): Promise<RunningStack> {
  const reporter = input.reporter ?? quietReporter;
  const plan = await planStack({ options: input.options, env: input.env, reporter, probe: input.probe ?? probeBybit });
  const release = takeDataDirectory(plan.directory);
  let file: LogFile | undefined;
  try {
    file = openLogFile({ directory: plan.directory.logsDirectory, elsewhere: reporter.say });
    return await bringUp({ plan, env: input.env, reporter, file, release, signal: input.signal ?? new AbortController().signal });
  } catch (error) {
    await file?.close();
    release();
    throw error;
  }
}

interface Bringing {
  plan: StackPlan;
  env: ProcessEnvironment;
  reporter: StackReporter;
  file: LogFile;
  release: () => void;
  signal: AbortSignal;
}

async function bringUp(bringing: Bringing): Promise<RunningStack> {
  const { plan, env, reporter, file } = bringing;
  const plainLog = createStackLog(file, reporter);
  const addresses = knownAddresses(plan);
  const journal = keepStackJournal(plainLog, file, () => addresses.databaseUrl);
  const log = { ...plainLog, logger: journal.logger };
  sayMarket(plan, log);
  await endLeftOvers(plan.directory.runDirectory, (message) => log.logger.warning(message));
  const keys = plan.exchange.kind === 'simulator' ? paperKeys(plan.directory.keysFile) : plan.exchange.keys;
  log.addSecret(keys.secret);
  writeStackNote(plan, addresses);
  if (plan.databaseUrl !== undefined) await migrateTold(plan.databaseUrl, log.logger);
  const parts = stackParts({ plan, env, keys, addresses, log, reporter });
  const supervisor = new Supervisor(parts, { runDirectory: plan.directory.runDirectory, onEvent: (event) => tell(event, log, reporter) });
  try {
    await startParts(supervisor, bringing);
  } catch (error) {
    if (isBotError(error)) log.logger[error.severity](`The stack cannot start: ${error.message}`, { code: error.code, fix: error.fix });
    await journal.close();
    throw error;
  }
  const control = serveSupervisor({ supervisor, temporal: { address: addresses.temporalAddress, namespace: plan.namespace }, logger: log.logger });
  return runningStack({ ...bringing, log, journal, keys, supervisor, addresses, control });
}

async function startParts(supervisor: Supervisor, { plan, signal }: Bringing): Promise<void> {
  const undo = claimDirectory(plan.directory, plan.record);
  const giveUp = (): void => void supervisor.stop();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    await supervisor.start();
  } catch (error) {
    undo();
    throw signal.aborted ? new BotError(10006, 'The start was given up', { fix: 'Start again', retryable: false }) : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Which market it is decides what every number means: said before anything trades on it. */
function sayMarket({ exchange, configuration }: StackPlan, { logger }: StackLog): void {
  const reason = exchange.kind === 'simulator' && exchange.market.reason !== undefined ? ` (${exchange.market.reason})` : '';
  logger.info(`Market: ${marketWords({ exchange, configuration })}${reason}`);
}

function knownAddresses(plan: StackPlan): Addresses {
  const { ports, exchange } = plan;
  const simulator = ports.simulator === undefined ? undefined : { restUrl: `http://127.0.0.1:${ports.simulator}`, wsUrl: `ws://127.0.0.1:${ports.simulator}` };
  return {
    temporalAddress: plan.temporalAddress ?? `127.0.0.1:${ports.temporal}`,
    databaseUrl: plan.databaseUrl,
    exchange: exchange.kind === 'elsewhere' ? { restUrl: exchange.restUrl, wsUrl: exchange.wsUrl } : simulator,
  };
}

interface Running extends Bringing {
  log: StackLog;
  journal: ErrorJournal;
  keys: ApiKeys;
  supervisor: Supervisor;
  addresses: Addresses;
  control: ControlWorker;
}

function runningStack(running: Running): RunningStack {
  const { plan, file, release, supervisor, addresses, keys } = running;
  const stopping = new AbortController();
  const replay = startPacer(running, stopping.signal);
  const tidyUp = onlyOnce(async () => {
    await replay;
    await file.close();
    release();
  });
  return {
    dataDir: plan.directory.path,
    logFile: file.path,
    mode: plan.configuration.mode,
    market: marketWords(plan),
    ports: plan.ports,
    apiUrl: `http://127.0.0.1:${plan.ports.api}`,
    temporalAddress: addresses.temporalAddress,
    temporalUiUrl: plan.ports.ui === undefined ? undefined : `http://127.0.0.1:${plan.ports.ui}`,
    databaseUrl: addresses.databaseUrl ?? '',
    simulatorUrl: plan.ports.simulator === undefined ? undefined : addresses.exchange?.restUrl,
    keys,
    pids: () => supervisor.pids(),
    restarts: () => supervisor.restarts(),
    kill: (part, signal) => supervisor.kill(part, signal),
    whenReady: (part) => supervisor.whenReady(part),
    awaitReplayFinished: () => replay ?? Promise.reject(new BotError(10002, 'The market is not in lock-step', { fix: 'Start with --speed max' })),
    stop: async (options) => {
      stopping.abort();
      await Promise.all([running.control.close(), running.journal.close(), supervisor.stop(options)]);
      await tidyUp();
    },
  };
}

/** undefined when the market runs by itself */
function startPacer({ plan, log, addresses }: Running, signal: AbortSignal): Promise<PacerSummary> | undefined {
  const lockStep = plan.exchange.kind === 'simulator' && plan.exchange.market.record.speed === 'max';
  const { databaseUrl, exchange } = addresses;
  if (!lockStep || databaseUrl === undefined || exchange === undefined) return undefined;
  const intervals = plan.configuration.strategies.filter(({ enabled }) => enabled).map(({ interval }) => intervalMs(interval));
  const decided = watchDecided(databaseUrl, withoutWarnings(log.logger));
  const pacing = paceInLockStep({ clock: createMarketClock(exchange.restUrl), decided, finestIntervalMs: Math.min(...intervals, intervalMs('D')), logger: log.logger, signal });
  return pacing.finally(() => decided.close());
}

/** A database that is being restarted is told by the supervisor, once. */
function withoutWarnings(logger: Logger): Logger {
  return { ...logger, warning: logger.debug };
}

function tell(event: SupervisorEvent, log: StackLog, reporter: StackReporter): void {
  switch (event.kind) {
    case 'line':
      return log.heard(event.name, event.stream, event.text);
    case 'starting':
      return reporter.started(event.name);
    case 'ready':
      if (event.downMs === undefined) return reporter.done(event.name);
      return log.logger.info(`${event.name} is back after ${(event.downMs / 1000).toFixed(1)} s`);
    case 'died': {
      reporter.dropped(event.name);
      const when = event.delayMs === 0 ? 'restarting' : `restarting in ${(event.delayMs / 1000).toFixed(1)} s`;
      const word = event.exit.code === 0 ? 'left' : 'died';
      return log.logger.warning(`${event.name} ${word} (${describeExit(event.exit)}), ${when}`, { restarts: event.restarts, ...(event.reason === undefined ? {} : { reason: event.reason }) });
    }
    case 'stopped':
      reporter.dropped(event.name);
      if (event.forced) return log.logger.warning(`${event.name} did not leave in time and was killed`);
      return log.logger.info(`${event.name} stopped`);
  }
}

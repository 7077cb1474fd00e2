/** The simulator as a process: options, start (or only the check), ready message, graceful end. Nothing else. */
import { isBotError } from '../core/errors/bot-error.js';
import { checkMarket } from './check-market.js';
import { readCommandLine } from './cli.js';
import type { SimulatorOptionsInput } from './options.js';
import { startSimulator, type Simulator } from './server.js';
import { jsonLogger } from './server/json-logger.js';

const logger = jsonLogger({ service: 'simulator' });

try {
  const { onlyCheck, options } = readCommandLine(process.argv);
  if (onlyCheck) await checkMarket(options);
  else await serve(options);
} catch (error) {
  await refuse(error);
}

async function serve(options: SimulatorOptionsInput): Promise<void> {
  const simulator = await startSimulator(options, logger);
  announce(simulator);
  leaveOnRequest(simulator);
}

function announce(simulator: Simulator): void {
  const { market, source, speed } = simulator.status();
  logger.info('simulated exchange is serving', { url: simulator.url, wsUrl: simulator.wsUrl, market, source, speed });
  process.send?.({ kind: 'ready', detail: { port: simulator.port, market, source } });
  if (simulator.key.isNew && process.send === undefined) {
    process.stderr.write(`API key made for this simulator, shown once:\n  key    ${simulator.key.key}\n  secret ${simulator.key.secret}\n`);
  }
}

function leaveOnRequest(simulator: Simulator): void {
  let leaving = false;
  const leave = (reason: string): void => {
    if (leaving) return;
    leaving = true;
    logger.info('simulated exchange is leaving', { reason });
    simulator.close().then(() => process.exit(0), (error: unknown) => {
      logger.error('leaving failed', { reason: error instanceof Error ? error.message : 'unknown' });
      process.exit(1);
    });
  };
  process.on('SIGTERM', () => leave('SIGTERM'));
  process.on('SIGINT', () => leave('SIGINT'));
  process.on('disconnect', () => leave('parent is gone'));
}

/** A start that cannot succeed says why once, on the channel the parent listens to. */
async function refuse(error: unknown): Promise<void> {
  const fatal = isBotError(error)
    ? { kind: 'fatal', code: error.code, message: error.message, fix: error.fix }
    : { kind: 'fatal', code: 10006, message: error instanceof Error ? error.message : 'unknown failure', fix: 'Read the log above this line' };
  if (process.send === undefined) process.stderr.write(`${fatal.code} ${fatal.message}\n  ${fatal.fix}\n`);
  else await new Promise((resolve) => process.send?.(fatal, resolve));
  process.exit(1);
}

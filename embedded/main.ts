/** `npm start`: options, stack, signals, exit codes. 0 after a graceful stop, 1 when the stack cannot run, 2 for a wrong option. */
import { processEnvironment } from '../config/process-environment.js';
import { isBotError } from '../core/errors/bot-error.js';
import { createConsoleReporter, type ConsoleReporter } from './console.js';
import { bannerOf, describeFailure, describeUsage } from './console-texts.js';
import { parseOptions, type StackOptions } from './options.js';
import { startStack, type RunningStack } from './stack.js';

/** npm passes a Ctrl-C on that the terminal has delivered already: two signals this close together are one key press. */
const SAME_KEY_PRESS_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(args: readonly string[]): Promise<number> {
  const env = processEnvironment();
  const parsed = parseOptions(args, env);
  const reporter = createConsoleReporter();
  switch (parsed.kind) {
    case 'help':
      reporter.say(parsed.text);
      return 0;
    case 'usage':
      reporter.say(describeUsage(parsed.problems));
      return 2;
    case 'options':
      return run(parsed.options, reporter);
  }
}

async function run(options: StackOptions, reporter: ConsoleReporter): Promise<number> {
  const signals = hearSignals();
  let stack: RunningStack | undefined;
  try {
    stack = await startStack({ options, env: processEnvironment(), reporter, signal: signals.heard });
    reporter.say(bannerOf(stack));
    await signals.first;
    return await stop(stack, signals.second, reporter);
  } catch (error) {
    if (stack === undefined && signals.heard.aborted) {
      reporter.say('Stopped.');
      return 0;
    }
    reporter.say(describeFailure(error));
    if (!isBotError(error)) throw error;
    return 1;
  } finally {
    reporter.close();
  }
}

async function stop(stack: RunningStack, second: Promise<void>, reporter: ConsoleReporter): Promise<number> {
  reporter.say('\nStopping. Open trades stay protected by their stops on the exchange. Ctrl-C again forces.');
  const forced = second.then(() => {
    reporter.say('Forced: killing what is left.');
    return stack.stop({ force: true });
  });
  await Promise.race([stack.stop(), forced]);
  reporter.say('Stopped.');
  return 0;
}

interface Signals {
  /** aborted with the first signal: ends a start that is under way */
  heard: AbortSignal;
  first: Promise<void>;
  second: Promise<void>;
}

function hearSignals(): Signals {
  const heard = new AbortController();
  let heardMs = 0;
  let onSecond: () => void = () => undefined;
  const first = new Promise<void>((resolve) => heard.signal.addEventListener('abort', () => resolve(), { once: true }));
  const second = new Promise<void>((resolve) => { onSecond = resolve; });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (heardMs === 0) {
        heardMs = Date.now();
        heard.abort();
      } else if (Date.now() - heardMs > SAME_KEY_PRESS_MS) onSecond();
    });
  }
  return { heard: heard.signal, first, second };
}

process.exitCode = await main(process.argv.slice(2));
// Sockets of a client library may linger; everything has been stopped and said.
process.exit();

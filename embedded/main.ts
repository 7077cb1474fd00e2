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
  try {
    const starting = startStack({ options, env: processEnvironment(), reporter });
    const stack = await Promise.race([starting, signals.first.then(() => undefined)]);
    if (stack === undefined) return await abandon(starting, reporter);
    reporter.say(bannerOf(stack));
    await signals.first;
    return await stop(stack, signals.second, reporter);
  } catch (error) {
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

/** Ctrl-C during the start: let it come up or fail, then stop it; whatever has been started must not stay behind. */
async function abandon(starting: Promise<RunningStack>, reporter: ConsoleReporter): Promise<number> {
  reporter.say('\nStopping as soon as the start has reached a safe point.');
  const stack = await starting;
  await stack.stop();
  reporter.say('Stopped.');
  return 0;
}

function hearSignals(): { first: Promise<void>; second: Promise<void> } {
  let heardMs = 0;
  let onFirst: () => void = () => undefined;
  let onSecond: () => void = () => undefined;
  const first = new Promise<void>((resolve) => { onFirst = resolve; });
  const second = new Promise<void>((resolve) => { onSecond = resolve; });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (heardMs === 0) {
        heardMs = Date.now();
        onFirst();
      } else if (Date.now() - heardMs > SAME_KEY_PRESS_MS) onSecond();
    });
  }
  return { first, second };
}

process.exitCode = await main(process.argv.slice(2));
// Sockets of a client library may linger; everything has been stopped and said.
process.exit();

/**
 * The voice of `npm start` at a terminal: what is being done and for how long, then only what an operator must see.
 * Everything else is in the log file.
 */
import type { LogLine } from './log-line.js';
import type { StackReporter } from './reporter.js';

/** Steps that take longer are shown to be alive. */
const VISIBLE_AFTER_MS = 2_000;
const REPEAT_MS = 5_000;
const TICK_MS = 500;
/** Fields that say more than the message; everything else is in the log file. */
const SHOWN_FIELDS = ['symbol', 'strategy', 'side', 'qty', 'entryPrice', 'stopLoss', 'exitPrice', 'exitReason', 'realisedPnl', 'code', 'error', 'reason'];
const NOTABLE_MESSAGES = /^Trade (opened|closed)/;

interface RunningStep {
  startedMs: number;
  toldMs: number;
  latest: string;
}

export interface ConsoleReporter extends StackReporter {
  /** no more ticking; to be called when the start is over, however it ended */
  close(): void;
}

export function createConsoleReporter(): ConsoleReporter {
  const steps = new Map<string, RunningStep>();
  const print = (text: string): void => console.log(text);
  const ticker = setInterval(() => tellSlowSteps(steps, print), TICK_MS);
  ticker.unref();
  return {
    started: (step) => void steps.set(step, { startedMs: Date.now(), toldMs: 0, latest: 'starting' }),
    progress: (step, message) => {
      const running = steps.get(step);
      if (running !== undefined) running.latest = message;
    },
    done: (step, message) => {
      const running = steps.get(step);
      steps.delete(step);
      if (running !== undefined) print(`  ✓ ${step}${message === undefined ? '' : `: ${message}`} (${seconds(Date.now() - running.startedMs)})`);
    },
    dropped: (step) => void steps.delete(step),
    say: (message) => print(message),
    logged: (line) => {
      if (isForConsole(line)) print(renderLogLine(line));
    },
    close: () => clearInterval(ticker),
  };
}

function tellSlowSteps(steps: ReadonlyMap<string, RunningStep>, print: (text: string) => void): void {
  const nowMs = Date.now();
  for (const [name, step] of steps) {
    const slow = nowMs - step.startedMs >= VISIBLE_AFTER_MS;
    if (!slow || nowMs - step.toldMs < REPEAT_MS) continue;
    step.toldMs = nowMs;
    print(`  … ${name}: ${step.latest} (${seconds(nowMs - step.startedMs)})`);
  }
}

/** Warnings and worse, the life of trades, and what the stack itself has to say. Below errors, Temporal's client library speaks to developers. */
export function isForConsole(line: LogLine): boolean {
  switch (line.level) {
    case 'DEBUG':
      return false;
    case 'INFO':
      return !isOfTheSdk(line) && (line.service === 'stack' || NOTABLE_MESSAGES.test(line.message));
    case 'WARNING':
      return !isOfTheSdk(line);
    case 'ERROR':
    case 'CRITICAL':
      return true;
  }
}

/** What Temporal's library says of itself helps who reads the file, not who watches the bot. */
function isOfTheSdk(line: LogLine): boolean {
  return line.fields['from'] === 'temporal';
}

/** `12:34:56 WARNING trading-worker: message (code 40006, reason …)`, local time */
export function renderLogLine(line: LogLine): string {
  const at = new Date(line.time);
  const clock = Number.isNaN(at.getTime()) ? line.time : at.toTimeString().slice(0, 8);
  const details = SHOWN_FIELDS.flatMap((name) => shown(name, line.fields[name]));
  return `${clock} ${line.level.padEnd(8)} ${line.service}: ${line.message}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

function shown(name: string, value: unknown): string[] {
  return typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

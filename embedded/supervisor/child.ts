/**
 * One started process: its output by lines, its word over the channel, its end.
 *
 * Invariants
 * 1. Children lead process groups of their own: Ctrl-C in the terminal reaches the supervisor only, which stops in order.
 * 2. `ended` settles exactly once, also when the program could not be started at all.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CATALOGUE, type ErrorCode } from '../../core/errors/catalogue.js';
import { BotError } from '../../core/errors/bot-error.js';
import type { Launch, PartExit } from './part.js';

const LAST_WORDS_MS = 500;

const wordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), detail: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ kind: z.literal('fatal'), code: z.coerce.number(), message: z.string(), fix: z.string().optional() }),
]);

export interface Child {
  pid: number | undefined;
  /** resolves with the detail of the `ready` message of one of our own processes; never for a foreign one */
  saidReady: Promise<Record<string, unknown>>;
  /** what the process gave as the reason of its end, if it did */
  fatal(): BotError | undefined;
  /** the last line on standard error; empty when there was none */
  lastWords(): string;
  ended: Promise<PartExit>;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to leave: by signal, and by closing the channel, which would keep an otherwise finished process alive. */
  askToLeave(signal: NodeJS.Signals): void;
}

export type OnLine = (stream: 'stdout' | 'stderr', text: string) => void;

export function startChild(launch: Launch, onLine: OnLine): Child {
  const child = launch.kind === 'node' ? forkNode(launch) : spawnForeign(launch);
  let lastWords = '';
  forwardLines(child, (stream, text) => {
    if (stream === 'stderr' && text.trim() !== '') lastWords = text.trim();
    onLine(stream, text);
  });
  let fatal: BotError | undefined;
  const saidReady = new Promise<Record<string, unknown>>((resolve) => {
    child.on('message', (message) => {
      const word = wordSchema.safeParse(message);
      if (!word.success) return;
      if (word.data.kind === 'ready') resolve(word.data.detail);
      else fatal = rebuild(word.data);
    });
  });
  return {
    pid: child.pid, saidReady, fatal: () => fatal, lastWords: () => lastWords, ended: endOf(child, (error) => (fatal ??= error)), kill: (signal) => void child.kill(signal),
    askToLeave: (signal) => {
      child.kill(signal);
      if (child.connected) child.disconnect();
    },
  };
}

function forkNode(launch: Launch & { kind: 'node' }): ChildProcess {
  return fork(launch.script, launch.args, { env: launch.env, detached: true, execArgv: ['--enable-source-maps'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

function spawnForeign(launch: Launch & { kind: 'foreign' }): ChildProcess {
  return spawn(launch.command, launch.args, {
    env: launch.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    ...(launch.uid === undefined ? {} : { uid: launch.uid }),
    ...(launch.gid === undefined ? {} : { gid: launch.gid }),
  });
}

function forwardLines(child: ChildProcess, onLine: OnLine): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const source = child[stream];
    if (source !== null) createInterface({ input: source, crlfDelay: Infinity }).on('line', (text) => onLine(stream, text));
  }
}

function endOf(child: ChildProcess, onSpawnError: (error: BotError) => void): Promise<PartExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      // Its last words are still in the pipes; a grandchild that inherited them must not hold up the restart.
      const settle = (): void => resolve({ code, signal });
      const timer = setTimeout(settle, LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(timer);
        settle();
      });
    });
    child.on('error', (error) => {
      if (child.pid !== undefined) return; // a failed kill or message; the end itself is reported by `exit`
      onSpawnError(new BotError(10006, `${child.spawnfile} could not be started: ${error.message}`, { retryable: false }));
      resolve({ code: null, signal: null });
    });
  });
}

function rebuild(word: { code: number; message: string; fix?: string | undefined }): BotError {
  const code = word.code in CATALOGUE ? (word.code as ErrorCode) : 10006;
  return new BotError(code, word.message, word.fix === undefined ? {} : { fix: word.fix });
}

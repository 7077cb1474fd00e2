/** The simulator as its own process, as `npm run simulator` starts it: the built program, told by its environment. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../dist/simulator/main.js', import.meta.url));

export interface ProcessMessage {
  kind: 'ready' | 'fatal';
  detail?: { port: number; market: string; source: string };
  code?: number;
  message?: string;
  fix?: string;
}

export interface SimulatorProcess {
  child: ChildProcess;
  message: ProcessMessage;
  url: string;
  wsUrl: string;
  /** resolves with the exit code, or the signal */
  ended: Promise<number | string>;
}

export async function startProcess(environment: Record<string, string>, args: readonly string[] = []): Promise<SimulatorProcess> {
  if (!existsSync(PROGRAM)) throw new Error('dist/simulator/main.js is missing: run `npm run build` first');
  const child = fork(PROGRAM, args, { env: { PATH: process.env['PATH'] ?? '', ...environment }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  const message = await Promise.race([
    new Promise<ProcessMessage>((resolve) => child.once('message', (told) => resolve(told as ProcessMessage))),
    ended.then((end) => { throw new Error(`the simulator ended before it spoke: ${end}`); }),
  ]);
  const port = message.detail?.port ?? 0;
  return { child, message, ended, url: `http://127.0.0.1:${port}`, wsUrl: `ws://127.0.0.1:${port}` };
}

export async function killed(running: SimulatorProcess): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended;
}

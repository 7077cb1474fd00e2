/** The API and the maintenance worker as processes of their own beside a trading stack: the very compositions of production. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './built.js';
import { temporalAddress } from './temporal.js';
import type { TradingStack } from './trading-stack.js';

const SOURCES = fileURLToPath(new URL('../..', import.meta.url));

export interface ApiProcess {
  /** without a slash at its end */
  url: string;
  /** everything it has said; GET /api/v1/logs reads it too */
  logFile: string;
  stop(): Promise<void>;
}

/** From the sources. `section`: the section `api` of its configuration, whose strategies are then those of the product. */
export async function startApiProcess(stack: TradingStack, section?: object): Promise<ApiProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), 'api-process-'));
  const logFile = path.join(directory, 'trading_bot.log');
  const configuration = section === undefined ? stack.configurationPath : await withSection(stack.configurationPath, section, directory);
  const { port, stop } = await startProcess({
    program: path.join(SOURCES, 'workers/api-main.ts'), execArgv: ['--import', 'tsx'], logFile,
    environment: { ...environmentOf(stack), BOT_CONFIG: configuration, BOT_API_PORT: '0', BOT_DATA_DIR: directory, BOT_LOG_FILE: logFile },
  });
  return {
    url: `http://127.0.0.1:${port}`,
    logFile,
    stop: async () => {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** As built, because its workflows come in a bundle. */
export async function startMaintenanceProcess(stack: TradingStack): Promise<{ stop(): Promise<void> }> {
  const [directory] = await Promise.all([mkdtemp(path.join(tmpdir(), 'maintenance-process-')), ensureBuilt()]);
  const { simulator } = stack;
  const { stop } = await startProcess({
    program: path.join(SOURCES, 'dist/workers/maintenance-main.js'), execArgv: [], logFile: path.join(directory, 'trading_bot.log'),
    environment: {
      ...environmentOf(stack), BOT_DATA_DIR: directory,
      BYBIT_REST_URL: simulator.url, BYBIT_WS_URL: simulator.wsUrl, BYBIT_API_KEY: simulator.key.key, BYBIT_API_SECRET: simulator.key.secret,
    },
  });
  return {
    stop: async () => {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}

function environmentOf({ namespace, database, configurationPath }: TradingStack): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'], TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: namespace, DATABASE_URL: database.databaseUrl,
    BOT_CONFIG: configurationPath, BOT_MARKET: 'synthetic',
  };
}

interface Program {
  program: string;
  execArgv: string[];
  environment: Record<string, string | undefined>;
  logFile: string;
}

interface Life {
  child: ChildProcess;
  port: number;
  /** exit code; null after a signal */
  ended: Promise<number | null>;
}

/** It comes back on its port whenever it leaves as it was asked to, by a restart that a test orders; a crash fails the test. */
async function startProcess(program: Program): Promise<{ port: number; stop(): Promise<void> }> {
  let isStopping = false;
  let life = await launch(program);
  const { port } = life;
  const isOver = (async () => {
    for (let code = await life.ended; !isStopping; code = await life.ended) {
      if (code !== 0) throw new Error(`${path.basename(program.program)} ended by itself with code ${code ?? 'none'}`);
      life = await launch({ ...program, environment: { ...program.environment, BOT_API_PORT: String(port) } });
      if (isStopping) life.child.kill('SIGTERM');
    }
  })();
  return {
    port,
    stop: async () => {
      isStopping = true;
      life.child.kill('SIGTERM');
      await isOver;
    },
  };
}

async function launch({ program, execArgv, environment, logFile }: Program): Promise<Life> {
  const child = fork(program, [], { env: environment, execArgv, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  child.stdout?.pipe(createWriteStream(logFile, { flags: 'a' }));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const [word] = await once(child, 'message') as [{ kind: string; detail?: { port?: number }; message?: string }];
  if (word.kind !== 'ready') throw new Error(`${path.basename(program)} did not start: ${word.message ?? word.kind}`);
  return { child, port: word.detail?.port ?? 0, ended };
}

async function withSection(original: string, section: object, directory: string): Promise<string> {
  const document = JSON.parse(await readFile(original, 'utf8')) as object;
  const copy = path.join(directory, 'config.json');
  await writeFile(copy, JSON.stringify({ ...document, api: section }));
  return copy;
}

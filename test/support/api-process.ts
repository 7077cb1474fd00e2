/** The API as a process of its own beside a trading stack: the very composition that runs in production, from the sources. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporalAddress } from './temporal.js';
import type { TradingStack } from './trading-stack.js';

const PROGRAM = fileURLToPath(new URL('../../workers/api-main.ts', import.meta.url));

export interface ApiProcess {
  /** without a slash at its end */
  url: string;
  /** everything it has said; GET /api/v1/logs reads it too */
  logFile: string;
  stop(): Promise<void>;
}

/** `section`: the section `api` of its configuration, whose strategies are then those of the product. */
export async function startApiProcess({ namespace, database, configurationPath }: TradingStack, section?: object): Promise<ApiProcess> {
  const directory = await mkdtemp(path.join(tmpdir(), 'api-process-'));
  const logFile = path.join(directory, 'trading_bot.log');
  const environment = {
    PATH: process.env['PATH'], TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: namespace, DATABASE_URL: database.databaseUrl,
    BOT_CONFIG: section === undefined ? configurationPath : await withSection(configurationPath, section, directory), BOT_API_PORT: '0', BOT_DATA_DIR: directory, BOT_LOG_FILE: logFile, BOT_MARKET: 'synthetic',
  };
  const child = fork(PROGRAM, [], { env: environment, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  child.stdout?.pipe(createWriteStream(logFile));
  const ended = once(child, 'exit');
  const [word] = await once(child, 'message') as [{ kind: string; detail?: { port: number }; message?: string }];
  if (word.kind !== 'ready' || word.detail === undefined) throw new Error(`the API did not start: ${word.message ?? word.kind}`);
  return {
    url: `http://127.0.0.1:${word.detail.port}`,
    logFile,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function withSection(original: string, section: object, directory: string): Promise<string> {
  const document = JSON.parse(await readFile(original, 'utf8')) as object;
  const copy = path.join(directory, 'config.json');
  await writeFile(copy, JSON.stringify({ ...document, api: section }));
  return copy;
}

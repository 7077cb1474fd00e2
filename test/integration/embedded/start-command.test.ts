/** `npm start` as an operator uses it: the real command, all real processes, real signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { identifyProcess } from '../../../embedded/process-identity.js';
import { endLeftOvers } from '../../../embedded/supervisor/run-record.js';
import { ensureBuilt, PROJECT_ROOT } from '../../support/built.js';

const BUILD_TIMEOUT_MS = 300_000;
const STACK_TIMEOUT_MS = 240_000;
const runRecord = z.object({ pid: z.number() });

interface Command {
  child: ChildProcess;
  output(): string;
  /** resolves when the output matches; rejects with the output when the command ends before */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** exit code */
  ended: Promise<number | null>;
}

const folder = mkdtempSync(join(tmpdir(), 'bot-start-'));
const dataDir = join(folder, 'data');
let commands: Command[] = [];

beforeAll(ensureBuilt, BUILD_TIMEOUT_MS);

afterEach(async () => {
  for (const { child } of commands) child.kill('SIGKILL');
  await Promise.all(commands.map(({ ended }) => ended));
  commands = [];
});

afterAll(async () => {
  await endLeftOvers(join(dataDir, 'run'), () => undefined);
  rmSync(folder, { recursive: true, force: true });
}, STACK_TIMEOUT_MS);

function start(args: string[], env: NodeJS.ProcessEnv = {}): Command {
  const freePorts = ['--port', '--temporal-port', '--ui-port', '--postgres-port', '--simulator-port'].filter((flag) => !args.includes(flag)).flatMap((flag) => [flag, '0']);
  const child = spawn(process.execPath, ['scripts/start.mjs', ...freePorts, ...args], { cwd: PROJECT_ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let check: () => void = () => undefined;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString('utf8'); check(); });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const says = (pattern: RegExp): Promise<RegExpExecArray> => {
    const said = new Promise<RegExpExecArray>((resolve) => {
      check = () => {
        const match = pattern.exec(output);
        if (match !== null) resolve(match);
      };
      check();
    });
    return Promise.race([said, ended.then(() => { throw new Error(`ended before saying ${String(pattern)}:\n${output}`); })]);
  };
  const command = { child, output: () => output, says, ended };
  commands.push(command);
  return command;
}

function pidOf(part: string): number {
  return runRecord.parse(JSON.parse(readFileSync(join(dataDir, 'run', `${part}.json`), 'utf8'))).pid;
}

function runningParts(): string[] {
  return readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', '')).sort();
}

const MARKET = ['--data-dir', dataDir, '--market', 'synthetic', '--seed', '7', '--speed', 'max', '--headless'];
const PARTS = ['api', 'maintenance-worker', 'postgres', 'simulator', 'temporal', 'trading-worker'];

test('it comes up, says where everything is, brings a killed part back, refuses a second start, continues after its own kill -9, and Ctrl-C ends it with 0', async () => {
  const first = start(MARKET);
  const banner = await first.says(/API +(http:\S+)[^]*Mode +paper[^]*Market +synthetic: generated prices, seed 7[^]*Data directory +(\S+)[^]*Log file +(\S+)/);
  expect(banner[2]).toBe(dataDir);
  expect(banner[3]).toBe(join(dataDir, 'logs', 'trading_bot.log'));
  expect(runningParts()).toEqual(PARTS);
  expect((await fetch(`${banner[1] ?? ''}/health`)).status).toBeLessThan(600);

  const before = pidOf('postgres');
  process.kill(before, 'SIGKILL');
  await first.says(/WARNING +stack: postgres died \(signal SIGKILL\), restarting[^]*INFO +stack: postgres is back after \d+\.\d s/);
  expect(pidOf('postgres')).not.toBe(before);

  const second = start(MARKET);
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(new RegExp(`The data directory ${dataDir} is in use by process ${first.child.pid} since `));

  const leftBehind = PARTS.map(pidOf);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(['--data-dir', dataDir, '--headless']);
  await third.says(/Market: synthetic[^\n]*\(continued from the data directory\)[^]*The bot is up\./);
  expect(leftBehind.filter((pid) => identifyProcess(pid) !== undefined)).toEqual([]);

  const running = PARTS.map(pidOf);
  third.child.kill('SIGINT');
  expect(await third.ended).toBe(0);
  expect(third.output()).toMatch(/Stopping\.[^]*trading-worker stopped[^]*postgres stopped[^]*Stopped\./);
  expect(third.output()).not.toContain('was killed');
  expect(runningParts()).toEqual([]);
  expect(running.filter((pid) => identifyProcess(pid) !== undefined)).toEqual([]);
}, STACK_TIMEOUT_MS);

test('Ctrl-C during the start ends what has been started, with 0', async () => {
  const command = start(MARKET);
  await command.says(/✓ temporal|✓ postgres|✓ simulator/);
  command.child.kill('SIGINT');
  expect(await command.ended).toBe(0);
  expect(command.output()).toContain('Stopped.');
  expect(runningParts()).toEqual([]);
}, STACK_TIMEOUT_MS);

test('a wrong option is exit code 2, with the option and what would be right', async () => {
  const command = start(['--market', 'paper']);
  expect(await command.ended).toBe(2);
  expect(command.output()).toContain('--market (BOT_MARKET_SOURCE) is "paper": give auto, live, replay or synthetic');
});

test('what cannot run is exit code 1 with code and fix, and nothing is written', async () => {
  const nowhere = join(folder, 'untouched');
  const config = join(folder, 'broken.json');
  writeFileSync(config, '{"mode": "paper",');
  const live = join(folder, 'live.json');
  writeFileSync(live, JSON.stringify({ ...(JSON.parse(readFileSync(join(PROJECT_ROOT, 'config', 'default.json'), 'utf8')) as object), mode: 'testnet' }));
  const candles = join(folder, 'candles');
  mkdirSync(candles);
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) writeFileSync(join(candles, `${symbol}-5m.csv`), 'timestamp,open,high,low,close,volume\n1759276800000,1,2,1,abc,10\n');
  const unlisted = join(folder, 'unlisted.json');
  writeFileSync(unlisted, readFileSync(join(PROJECT_ROOT, 'config', 'default.json'), 'utf8').replace('"SOLUSDT"', '"NOSUCHUSDT"'));
  const port = await pickFreePort();
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  const free = await pickFreePort();
  const cases: [string[], NodeJS.ProcessEnv, RegExp][] = [
    [['--config', join(folder, 'absent.json')], {}, /absent\.json[^]*code 10001[^]*fix:/],
    [['--config', config], {}, /broken\.json[^]*code 10002[^]*fix:/],
    [['--config', live], { BYBIT_API_KEY: '', BYBIT_API_SECRET: '' }, /Mode testnet needs BYBIT_API_KEY and BYBIT_API_SECRET[^]*code 10005/],
    [['--market', 'replay', '--data', candles], {}, /BTCUSDT-5m\.csv line 2, column close: "abc"[^]*code 40010[^]*fix:/],
    [['--market', 'replay', '--data', join(folder, 'nowhere')], {}, /holds no BTCUSDT-5m\.csv[^]*code 20002[^]*fix:/],
    [['--config', unlisted], {}, /does not know NOSUCHUSDT[^]*code 20002[^]*strategies of the configuration/],
    [['--port', String(port)], {}, new RegExp(`Port ${port} for the API is taken by process ${process.pid}[^]*code 10006[^]*--port`)],
    [[], { TEMPORAL_ADDRESS: `127.0.0.1:${free}` }, /Temporal at 127\.0\.0\.1:\d+ is not reachable[^]*code 10006[^]*TEMPORAL_ADDRESS/],
    [[], { DATABASE_URL: `postgresql://user:hidden-word@127.0.0.1:${free}/bot` }, /127\.0\.0\.1:\d+\/bot[^]*code 10003[^]*fix:/],
  ];
  for (const [args, env, expected] of cases) {
    const command = start(['--data-dir', nowhere, '--market', 'synthetic', ...args], env);
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(expected);
    expect(command.output()).not.toContain('hidden-word');
  }
  holder.close();
  expect(existsSync(nowhere)).toBe(false);
}, STACK_TIMEOUT_MS);

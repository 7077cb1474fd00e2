/**
 * The maintenance guide's own commands, letter by letter in a real shell, against a bot that was started by `npm start`
 * and has seen a lost connection, a rate limit, a broken exchange and a failing strategy. They run in the data directory, where `logs/` is.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { ensureBuilt, PROJECT_ROOT } from '../../support/built.js';
import { DEFAULT_CONFIGURATION } from '../../support/scripted-configuration.js';

const GUIDE_PORT = 8080;
const START_TIMEOUT_MS = 600_000;
const COMMAND_TIMEOUT_MS = 60_000;
const SOON = { timeout: 90_000, interval: 250 };

const FAULTY = `export const strategy = ({ z, parameters }) => ({
  name: 'faulty_sol', description: 'Fails at every candle',
  parametersSchema: z.strictObject({ symbol: parameters.symbolParameter, interval: parameters.intervalParameter }),
  symbol: (wanted) => wanted.symbol, interval: (wanted) => wanted.interval, warmUp: () => 1,
  evaluate: () => { throw new Error('planted in a strategy'); },
});
`;

const blocks = (await readFile(new URL('../../fixtures/guide-commands.txt', import.meta.url), 'utf8'))
  .split(/\n{2,}/).map((block) => block.split('\n').filter((line) => !line.startsWith('#')).join('\n').trim()).filter((block) => block !== '');

let folder: string;
let dataDir: string;
let stack: ChildProcess | undefined;
let output = '';
let port: number;
let simulatorPort: number;
let searchPath = process.env['PATH'] ?? '';

async function isFree(wanted: number): Promise<boolean> {
  const probe = createServer();
  const bound = await Promise.race([once(probe.listen(wanted, '127.0.0.1'), 'listening').then(() => true), once(probe, 'error').then(() => false)]).catch(() => false);
  if (bound) await new Promise((resolve) => probe.close(resolve));
  return bound;
}

/** Default strategies but one, which fails at every candle. */
async function writeConfiguration(): Promise<string> {
  await mkdir(path.join(folder, 'strategies'));
  await writeFile(path.join(folder, 'strategies', 'faulty_sol.mjs'), FAULTY);
  const document = JSON.parse(await readFile(DEFAULT_CONFIGURATION, 'utf8')) as { strategies: { name: string }[] };
  const strategies = [...document.strategies.filter(({ name }) => name !== 'breakout_sol'), { name: 'faulty_sol', enabled: true, parameters: { symbol: 'SOLUSDT', interval: '5' } }];
  const file = path.join(folder, 'config.json');
  await writeFile(file, JSON.stringify({ ...document, strategies }));
  return file;
}

/** Where jq is missing, a path such as `.status` is looked up by a few lines of our own. */
async function ensureJq(): Promise<void> {
  try {
    execFileSync('bash', ['-c', 'command -v jq']);
  } catch {
    console.log('jq itself is not run because it is absent here: its paths are looked up by a stand-in');
    const bin = path.join(folder, 'bin');
    await mkdir(bin);
    await writeFile(path.join(bin, 'jq'), `#!/bin/sh\nexec "${process.execPath}" -e 'let t="";process.stdin.on("data",(c)=>t+=c).on("end",()=>console.log(JSON.stringify(process.argv[1].split(".").filter(Boolean).reduce((v,k)=>v?.[k]??null,JSON.parse(t)),null,2)))' -- "$1"\n`);
    await chmod(path.join(bin, 'jq'), 0o755);
    searchPath = `${bin}:${searchPath}`;
  }
}

async function fault(rule: object): Promise<void> {
  const reply = await fetch(`http://127.0.0.1:${simulatorPort}/sim/faults`, { method: 'POST', body: JSON.stringify({ rules: [rule] }) });
  expect({ status: reply.status, text: reply.ok ? '' : await reply.text() }).toEqual({ status: 200, text: '' });
}

const log = (): Promise<string> => readFile(path.join(dataDir, 'logs', 'trading_bot.log'), 'utf8');
const logged = (pattern: RegExp): Promise<void> => vi.waitFor(async () => expect(await log()).toMatch(pattern), SOON);

async function healthy(): Promise<void> {
  await vi.waitFor(async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/health`);
    if (reply.status !== 200) throw new Error(await reply.text());
  }, SOON);
}

beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(path.join(tmpdir(), 'guide-'));
  await chmod(folder, 0o755);
  dataDir = path.join(folder, 'data');
  await ensureJq();
  [port, simulatorPort] = [await isFree(GUIDE_PORT) ? GUIDE_PORT : await pickFreePort(), await pickFreePort()];
  if (port !== GUIDE_PORT) console.log(`port ${GUIDE_PORT} is taken here: the guide's commands are run with port ${port} instead`);
  const args = ['--data-dir', dataDir, '--config', await writeConfiguration(), '--port', String(port), '--simulator-port', String(simulatorPort),
    '--temporal-port', '0', '--ui-port', '0', '--postgres-port', '0', '--market', 'synthetic', '--seed', '7', '--speed', '60', '--headless'];
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], { cwd: PROJECT_ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  stack = child;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  await vi.waitUntil(() => { if (child.exitCode !== null) throw new Error(output); return output.includes('The bot is up.'); }, { timeout: START_TIMEOUT_MS / 2, interval: 200 });
  await healthy();
  // A worker's first report comes some seconds after its start.
  for (const resource of ['account/balance', 'security/api-audit']) await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/api/v1/${resource}`)).status).toBe(200), SOON);
  await logged(/Strategy.*error/);
  await fault({ kind: 'dropSocket', socket: 'public', limit: 1 });
  await logged(/Connection/);
  await fault({ kind: 'retCode', endpoint: '/v5/account/wallet-balance', retCode: 10006, retMsg: 'planted', limit: 30 });
  await logged(/Rate limit/);
  await fault({ kind: 'httpStatus', endpoint: '/v5/position/list', status: 502, limit: 30 });
  await logged(/"level":"ERROR"/);
  await fetch(`http://127.0.0.1:${simulatorPort}/sim/faults`, { method: 'DELETE' });
  await healthy();
}, START_TIMEOUT_MS);

afterAll(async () => {
  stack?.kill('SIGINT');
  if (stack?.exitCode === null) await once(stack, 'exit');
  await rm(folder, { recursive: true, force: true });
}, START_TIMEOUT_MS);

function shell(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const asRun = port === GUIDE_PORT ? command : command.replaceAll(`localhost:${GUIDE_PORT}`, `localhost:${port}`);
  return new Promise((resolve) => {
    execFile('bash', ['-c', asRun], { cwd: dataDir, timeout: COMMAND_TIMEOUT_MS, env: { ...process.env, PATH: searchPath } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** What a command of that kind must print for an operator to have been helped. */
function judge(command: string, stdout: string): void {
  if (command.startsWith('grep') && command.includes('>>')) return;
  if (command.startsWith('grep')) return expect(stdout.trim()).not.toBe('');
  if (command.includes("jq '.status'")) return expect(stdout.trim()).toBe('"ok"');
  if (command.includes("jq '.trading_active'")) return expect(stdout.trim()).toMatch(/^(true|false)$/);
  if (command.includes("jq '.total_balance'")) return expect(stdout.trim()).toMatch(/^\d+(\.\d+)?$/);
  if (command.startsWith('if ')) return expect(stdout).toContain('Graceful restart successful');
  const reply = JSON.parse(stdout) as Record<string, unknown>;
  expect(reply).toMatchObject({ as_of: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string, source: expect.stringMatching(/^(exchange|ledger|workflow|api)$/) as string });
}

describe('the guide\'s command', () => {
  it.each(blocks)('%s', async (command) => {
    const { code, stdout, stderr } = await shell(command);
    expect({ code, problem: code === 0 ? '' : stderr }).toEqual({ code: 0, problem: '' });
    judge(command, stdout);
  }, COMMAND_TIMEOUT_MS);
});

describe('after all of them', () => {
  it('the weekly summary counts every level, and the emergency stop is in the log as critical', async () => {
    const summary = await readFile(path.join(dataDir, 'weekly_log_summary.txt'), 'utf8');
    expect(summary.trim().split('\n').length).toBeGreaterThanOrEqual(4);
    await logged(/"level":"CRITICAL".*10009/);
  });

  it('the bot is halted, and says so where the guide looks', async () => {
    // The stop was answered with 202: the latch holds, and the bot says so when the runbook has come to it.
    await vi.waitFor(async () => {
      const { stdout } = await shell('curl -s http://localhost:8080/api/v1/debug/internal-state');
      const { diagnosis } = JSON.parse(stdout) as { diagnosis: { verdict: string; findings: { cause: string; call: string }[] } };
      expect(diagnosis).toMatchObject({ verdict: 'blocked', findings: expect.arrayContaining([expect.objectContaining({ cause: 'halted', call: expect.stringContaining(`http://localhost:${port}/api/v1/runbooks/releaseEmergency/plan`) as string })]) as unknown });
    }, SOON);
  }, 2 * SOON.timeout);
});

/**
 * A whole stack loses its ledger while three positions are open, and one command brings it back: PostgreSQL's folder deleted under
 * the running server, a page of a table overwritten, or a cluster that no server can open any more; with kills in the middle of the recovery where that is asked for.
 */
import { execFile } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import type { RunningStack } from '../../embedded/stack.js';
import { writeScriptedConfiguration } from '../support/scripted-configuration.js';
import { startDrilledStack, type DrilledStack } from './drilled-stack.js';
import { eventually, settledVerdict } from './free-run.js';
import { recordedTrades, tradeDifferences } from './recorded-trades.js';
import { startRun } from './runbook-drill.js';

/** deleted: its folder, with the files that hold its passwords · page: one page of the executions is overwritten · control: the file without which no server starts */
export const LOSSES = ['deleted', 'page', 'control'] as const;
export type Loss = (typeof LOSSES)[number];

export interface RecoveryDrillOptions {
  loss: Loss;
  seed: number;
  /** killed when the run reaches the step */
  kills?: readonly { victim: 'maintenance-worker' | 'postgres' | 'temporal' | 'trading-worker'; step: string }[];
}

export interface RecoveryDrillResult {
  findings: string[];
  run: RunOnTheWire;
  /** from the command to its end */
  commandSeconds: number;
  /** from the loss to the end of the command */
  lossToRecoverySeconds: number;
  /** closed ones and open ones, as the ledger has them after the recovery */
  trades: { closed: number; open: number };
}

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 300_000;
/** a candle of five minutes in two seconds */
const SPEED = 150;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const PROJECT_ROOT = new URL('../../', import.meta.url).pathname;
const CLI = path.join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
const COMMAND_MS_MAX = 400_000;
const PAGE_BYTES = 8_192;

/** Three positions are open when the ledger is lost; some trades are in the backup, some came after it. */
const SCRIPT = {
  trading: { cooldown_minutes_after_stop: 0, max_positions: 3 },
  strategies: [
    { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(3), at(9), at(16)], exitAtMs: [at(6), at(12)] },
    { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(4), at(14)], exitAtMs: [at(8)] },
    { name: 'scripted_sol', symbol: 'SOLUSDT', enterAtMs: [at(5), at(18)], exitAtMs: [at(15)] },
  ],
};

export async function drillRecovery({ loss, seed, kills = [] }: RecoveryDrillOptions): Promise<RecoveryDrillResult> {
  const market = { data: undefined, marketSeed: seed, fromMs: FROM_MS, days: 3, speed: SPEED };
  const drilled = await startDrilledStack({ market, configPath: await writeScriptedConfiguration(SCRIPT) });
  try {
    return await carriedOut(drilled, { loss, kills });
  } finally {
    await drilled.end();
  }
}

async function carriedOut(drilled: DrilledStack, { loss, kills }: Required<Pick<RecoveryDrillOptions, 'loss' | 'kills'>>): Promise<RecoveryDrillResult> {
  const { stack } = drilled;
  await decidedThrough(stack, at(10));
  await backUp(stack);
  await eventually('three positions are open', async () => (await decidedMs(stack)) >= at(19) && (await openTrades(stack)).length === 3, 120_000);
  const before = await recordedTrades(stack.databaseUrl);
  const lostMs = performance.now();
  await lose(stack, loss);
  const commandMs = performance.now();
  const [run] = await Promise.all([restore(stack), disturb(stack, kills)]);
  const endMs = performance.now();
  const trades = await recordedTrades(stack.databaseUrl);
  const closed = before.filter(({ state }) => state === 'closed');
  const findings = [
    ...(run.state === 'completed' ? [] : [`the recovery ended as ${run.state}: ${run.outcome ?? ''}`]),
    ...run.remaining.map((line) => `left to do by hand: ${line}`),
    ...tradeDifferences(closed, trades.filter(({ trade_id: id }) => closed.some((trade) => trade['trade_id'] === id))),
    ...before.filter(({ trade_id: id }) => !trades.some((trade) => trade['trade_id'] === id)).map(({ trade_id: id }) => `trade ${id ?? ''} is not there any more`),
    ...(await settledVerdict(stack, drilled.simulatorUrl)).findings,
    ...(await tradesOn(stack)),
  ];
  const count = (state: string): number => trades.filter((trade) => trade.state === state).length;
  return { findings, run, commandSeconds: (endMs - commandMs) / 1_000, lossToRecoverySeconds: (endMs - lostMs) / 1_000, trades: { closed: count('closed'), open: count('open') } };
}

async function backUp(stack: RunningStack): Promise<void> {
  const run = await (await startRun(stack, 'backup', { params: { upload: false }, reason: 'drill' })).ended();
  if (run.state !== 'completed') throw new Error(`no backup: ${run.outcome ?? ''}`);
}

async function lose(stack: RunningStack, loss: Loss): Promise<void> {
  const folder = path.join(stack.dataDir, 'postgres');
  switch (loss) {
    case 'deleted':
      return rm(folder, { recursive: true, force: true, maxRetries: 5 });
    case 'page':
      return overwritePage(stack, folder);
    case 'control':
      await overwriteFirstPage(path.join(folder, 'cluster', 'global', 'pg_control'));
      stack.kill('postgres', 'SIGKILL');
  }
}

/** Behind the server's back, after everything was written; what was read before is forgotten with the kill. */
async function overwritePage(stack: RunningStack, folder: string): Promise<void> {
  const password = (await readFile(path.join(folder, 'postgres.password'), 'utf8')).trim();
  const url = new URL(stack.databaseUrl);
  const client = new pg.Client({ host: '127.0.0.1', port: Number(url.port), user: 'postgres', password, database: url.pathname.slice(1) });
  await client.connect();
  const { rows } = await client.query<{ file: string }>("select pg_relation_filepath('executions') as file");
  await client.query('checkpoint');
  await client.end();
  await overwriteFirstPage(path.join(folder, 'cluster', rows[0]?.file ?? ''));
  stack.kill('postgres', 'SIGKILL');
  await eventually('PostgreSQL says that a page is damaged', () => readsDamaged(stack.databaseUrl));
}

async function overwriteFirstPage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, 0);
  await handle.sync();
  await handle.close();
}

async function readsDamaged(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select count(fee) from executions');
    return false;
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === 'XX001';
  } finally {
    await client.end();
  }
}

/** The one command. */
async function restore(stack: RunningStack): Promise<RunOnTheWire> {
  const args = [CLI, '--api', stack.apiUrl, '--json', '--yes', 'restore', '--reason', 'drill: the ledger is lost'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: COMMAND_MS_MAX }).catch((error: unknown) => error as { stdout: string });
  return JSON.parse(stdout) as RunOnTheWire;
}

async function disturb(stack: RunningStack, kills: NonNullable<RecoveryDrillOptions['kills']>): Promise<void> {
  for (const { victim, step } of kills) {
    await eventually(`the recovery reaches "${step}"`, async () => {
      const reply = await fetch(`${stack.apiUrl}/api/v1/runbooks/runs/databaseRecovery-ledger`);
      const { steps } = (await reply.json()) as RunOnTheWire;
      return (steps.find(({ name }) => name === step)?.state ?? 'pending') !== 'pending';
    }, COMMAND_MS_MAX);
    stack.kill(victim, 'SIGKILL');
  }
}

async function tradesOn(stack: RunningStack): Promise<string[]> {
  const before = await decidedMs(stack);
  await eventually('the bot decides on', async () => (await decidedMs(stack)) > before);
  const { json } = await status(stack);
  return json.state === 'running' ? [] : [`the bot ran before the loss, and is ${json.state} now`];
}

interface StatusReply {
  state: string;
  decided_through: string | null;
  open_trades: unknown[];
}

async function status(stack: RunningStack): Promise<{ json: StatusReply }> {
  const reply = await fetch(`${stack.apiUrl}/api/v1/bot/status`);
  return { json: (await reply.json()) as StatusReply };
}

async function decidedMs(stack: RunningStack): Promise<number> {
  return Date.parse((await status(stack)).json.decided_through ?? '1970-01-01');
}

async function openTrades(stack: RunningStack): Promise<unknown[]> {
  return (await status(stack)).json.open_trades;
}

function decidedThrough(stack: RunningStack, ms: number): Promise<void> {
  return eventually(`the bot has decided through ${new Date(ms).toISOString()}`, async () => (await decidedMs(stack)) >= ms, 120_000);
}

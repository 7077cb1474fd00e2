/** A ledger is lost or damaged while positions are open; one run brings it back from a backup and from the exchange. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { DUMP_FILE } from '../../core/backup/manifest.js';
import { takeBackup } from '../support/kept-backups.js';
import { endedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botStatus, eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const TIMEOUT_MS = 120_000;
const RECOVERY = '/api/v1/runbooks/databaseRecovery';

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2), at(8), at(20), at(46)], exitAtMs: [at(6), at(14), at(44)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', interval: '15', enterAtMs: [at(4), at(18)], exitAtMs: [at(12)] };
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', interval: '15', enterAtMs: [at(10)] };
const SCRIPT = { strategies: [BTC, ETH, SOL], trading: { cooldown_minutes_after_stop: 0 } };

/** Everything that a trade's row says, but for when it was written. */
const tradesOf = (stack: TradingStack) => stack.database.query<{ row: object }>("select to_jsonb(t) - 'recorded_at' - 'updated_at' as row from trades t order by trade_id").then((rows) => rows.map(({ row }) => row));

/** The records of saved states, and the events that tell of them. */
const runsOf = (stack: TradingStack) => stack.database.query<{ row: object }>("select to_jsonb(r) || jsonb_build_object('event', e.message) as row from runbook_runs r left join events e on e.event_id = 'runbook-' || r.run_id where runbook = 'saveState' order by started_at").then((rows) => rows.map(({ row }) => row));

async function saveState(stage: RunbookStage): Promise<string> {
  return (await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/saveState', { reason: 'before the loss' }))).run_id;
}

async function recover(stage: RunbookStage, params: object = {}): Promise<RunOnTheWire> {
  const plan = await stage.post<{ plan_id: string; refusals: string[] }>(`${RECOVERY}/plan`, { params });
  expect(plan.json.refusals).toEqual([]);
  return endedRun(stage, await startedRun(stage, RECOVERY, { params, plan_id: plan.json.plan_id, reason: 'the ledger is lost' }));
}

describe('the recovery of a ledger that was emptied while three positions are open', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let sound: string;
  let tradesBefore: object[];
  let runsBefore: object[];
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(60), seed: 7, script: SCRIPT });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(at(9));
    // a backup holds its own run, and others, as they were in the middle
    const early = await saveState(stage);
    await stack.database.query("update runbook_runs set state = 'running', result = null, ended_at = null, revision = 1 where run_id = $1", [early]);
    sound = await takeBackup(stage.backups);
    await saveState(stage);
    await stack.replayUntil(at(30));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
    tradesBefore = await tradesOf(stack);
    runsBefore = await runsOf(stack);
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const name of await keptDatabases()) await stage.backups.server.dropDatabase(name);
    await stage.close();
    await stack.stop();
  });

  it('is what the bot waits for: it takes an empty ledger for a loss', async () => {
    expect(tradesBefore).toHaveLength(6);
    expect((await stack.exchange.positions()).map(({ symbol }) => symbol).sort()).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    await stack.database.query('drop schema public cascade');
    await stack.database.query('create schema public');
    await stack.advanceTo(at(31));
    await eventually(async () => expect((await botStatus(stack)).blockedBecause).toContain('the ledger is behind'));
  }, TIMEOUT_MS);

  it('brings back every trade and every record of a runbook as it was, and trading goes on', async () => {
    const run = await recover(stage);
    expect(run).toMatchObject({ state: 'completed', remaining: [], figures: { restore: { amcheck: expect.any(String) as string }, fencedSeconds: expect.any(Number) as number } });
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual([
      'stop trading', 'backup corrupted database', 'restore from the backup', 'apply migrations', 'verify database integrity', 'carry over what only the bot and this machine know',
      'put the restored database in place', 'recover missing trade data from the exchange', 'reconcile with the exchange', 'restart trading',
    ].map((name) => [name, 'done']));
    expect(await tradesOf(stack)).toEqual(tradesBefore);
    const [early, late] = await runsOf(stack);
    expect(early).toMatchObject({ state: 'completed', steps: [{ state: 'done' }], event: expect.stringContaining('saveState completed') as string });
    expect(late).toEqual(runsBefore[1]);
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'running' });
    expect(await stack.latch.read()).toBeNull();
    expect(await keptDatabases()).toEqual([expect.stringMatching(/_old_\d{8}t\d{6}z$/)]);
    await stack.replayUntil(at(50));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
    expect(await tradesOf(stack)).toHaveLength(tradesBefore.length + 1);
  }, TIMEOUT_MS);

  it('is refused without a backup that was proven', async () => {
    const unknown = { backup_id: '20260101T000000Z-manual-00000000' };
    expect((await stage.post(`${RECOVERY}/plan`, { params: unknown })).json).toMatchObject({ refusals: [`there is no backup ${unknown.backup_id}: npx bot backup list`] });
  }, TIMEOUT_MS);

  it('stays fenced when the backup is not what was written, says what to do, and the next run opens the fence', async () => {
    const spoilt = await takeBackup(stage.backups);
    await spoil(stage, spoilt);
    const failed = await recover(stage, { backup_id: spoilt });
    expect(failed).toMatchObject({ state: 'failed', code: 40003, remaining: [expect.stringMatching(/trading is fenced \(latch recovery-\w+\).*npx bot restore/)] });
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'stopped' });
    expect((await stack.check()).findings).toEqual([]);
    const run = await recover(stage, { backup_id: sound });
    expect(run).toMatchObject({ state: 'completed', remaining: [expect.stringContaining('npx bot resume')] });
    expect(await stack.latch.read()).toBeNull();
    expect((await botStatus(stack)).lifecycle).toBe('paused');
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it('passes a damaged backup over when none was asked for by name, says so, and it counts no more', async () => {
    const spoilt = await takeBackup(stage.backups);
    await spoil(stage, spoilt);
    const run = await recover(stage);
    expect(run).toMatchObject({ state: 'completed', figures: { restore: { backupId: sound } }, remaining: [expect.stringMatching(new RegExp(`backup ${spoilt} is damaged and was passed over`))] });
    expect((await stage.backups.archive.list()).find(({ backupId }) => backupId === spoilt)).toMatchObject({ verified: false });
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it('leaves an emergency stop of an operator in force', async () => {
    await stack.latch.set({ haltId: 'halt-by-hand', atMs: Date.now(), reason: 'storm', actor: 'ann' });
    const run = await recover(stage, { backup_id: sound });
    expect(run).toMatchObject({ state: 'completed', remaining: [expect.stringContaining('halt-by-hand')] });
    expect(await stack.latch.read()).toMatchObject({ haltId: 'halt-by-hand', actor: 'ann' });
    expect((await botStatus(stack)).lifecycle).toBe('stopped');
  }, TIMEOUT_MS);

  it('says why no other backup takes the place of a damaged one', async () => {
    await spoil(stage, sound);
    const run = await recover(stage);
    expect(run).toMatchObject({ state: 'failed', code: 40003, remaining: expect.arrayContaining([expect.stringMatching(new RegExp(`no other backup takes the place of damaged ${sound}: .*npx bot backup`))]) as string[] });
  }, TIMEOUT_MS);

  it('has every workflow that somebody waits for take back its task from a dead worker after five seconds', async () => {
    const limits: Record<string, number> = {};
    for await (const { workflowId, runId, type } of stack.client.workflow.list()) {
      const { raw } = await stack.client.workflow.getHandle(workflowId, runId).describe();
      limits[type] = Math.max(limits[type] ?? 0, Number(raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds));
    }
    expect(limits).toEqual({ tradingBot: 5, feedLease: 5, trade: 5, planRunbook: 5, saveState: 5, databaseRecovery: 5 });
  }, TIMEOUT_MS);

  async function keptDatabases(): Promise<string[]> {
    return (await stack.database.query<{ name: string }>('select datname as name from pg_database where datname like $1', [`${stack.database.name}\\_%`])).map(({ name }) => name);
  }
});

/** One byte in the middle of the dump, as a failing disk leaves it. */
async function spoil({ dataDir }: RunbookStage, backupId: string): Promise<void> {
  const file = path.join(dataDir, 'backups', backupId, DUMP_FILE);
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  await chmod(file, 0o600);
  await writeFile(file, bytes);
}

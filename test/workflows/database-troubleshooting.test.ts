/** Real sessions on a real server: what is named, what is ended, what is spared. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseDebugSchema } from '../../api/routes/database-debug.js';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { closedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const TIMEOUT_MS = 60_000;
const DATABASE = '/api/v1/runbooks/databaseTroubleshooting';
const SECRET = 'correct-horse-battery';

interface Plan { plan_id: string; effects: string[]; warnings: string[]; refusals: string[] }
interface Visitor { pid: number; gone: Promise<string>; client: pg.Client }

describe('database troubleshooting', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  const visitors: Visitor[] = [];
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * 900_000, seed: 5 });
    stage = await setRunbookStage({ stack });
  }, TIMEOUT_MS);
  afterEach(async () => {
    await Promise.all(visitors.splice(0).map(async ({ client, gone }) => {
      await stack.database.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = any($1)', [['psql', 'pg_dump', 'bybit-temporal-bot test']]);
      await gone;
      await client.end().catch(() => undefined);
    }));
  });
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  /** Somebody who runs a statement that does not end. */
  async function visit(application: string, statement = `select pg_sleep(600), '${SECRET}'`): Promise<Visitor> {
    const client = new pg.Client({ connectionString: stack.database.databaseUrl, application_name: application });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const gone = client.query(statement).then(() => 'ended by itself', (error: unknown) => (error instanceof Error ? error.message : 'gone'));
    const visitor = { pid: rows[0]?.pid ?? 0, gone, client };
    visitors.push(visitor);
    await eventually(async () => expect(await stack.database.query('select state from pg_stat_activity where pid = $1', [visitor.pid])).toEqual([{ state: 'active' }]));
    // … because running for longer than nothing needs a moment
    await eventually(async () => expect((await stack.ledger.readDatabase()).sessions.find(({ pid }) => pid === visitor.pid)?.runningSeconds).toBeGreaterThan(0));
    return visitor;
  }

  async function plan(params: object): Promise<Plan> {
    const { status, json, text } = await stage.post<Plan>(`${DATABASE}/plan`, { params });
    if (status !== 200) throw new Error(text);
    return json;
  }

  async function run(params: object): Promise<RunOnTheWire> {
    const { plan_id: planId } = await plan(params);
    return closedRun(stage, stack, await startedRun(stage, DATABASE, { params, plan_id: planId, reason: 'entries are late' }));
  }

  it('shows sessions, who blocks whom, and pools, without values of statements', async () => {
    const holder = await visit('psql', "begin; lock table trades in access exclusive mode; select pg_sleep(600)");
    const waiter = await visit('psql', `select '${SECRET}' from trades`);
    const { status, json, text } = await stage.ask<unknown>('/api/v1/debug/database');
    expect(status).toBe(200);
    const read = databaseDebugSchema.parse(json);
    expect(read.locks).toContainEqual(expect.objectContaining({ blocked_pid: waiter.pid, blocking_pid: holder.pid, relation: 'trades' }));
    expect(read.verdict).toContainEqual(expect.stringContaining(`session ${waiter.pid} has waited`));
    expect(read.sessions.filter(({ kind }) => kind === 'own').length).toBeGreaterThan(0);
    expect(text).not.toContain(SECRET);
  }, TIMEOUT_MS);

  it('ends queries that run too long, never those of the bot, and backups only when asked to', async () => {
    const [stranger, backup, own] = [await visit('psql'), await visit('pg_dump'), await visit('bybit-temporal-bot test')];
    const planned = await plan({ terminate_over_minutes: 0 });
    expect(planned.effects).toEqual([expect.stringMatching(`^session ${stranger.pid} \\(psql\\) is ended: select pg_sleep`)]);
    expect(planned.warnings).toEqual(expect.arrayContaining([expect.stringMatching(`session ${backup.pid} .*is spared, it is a backup`), expect.stringMatching(`session ${own.pid} .*is spared, it is a session of the bot`)]));
    expect(JSON.stringify(planned)).not.toContain(SECRET);
    const ended = await run({ terminate_over_minutes: 0 });
    expect(ended).toMatchObject({ state: 'completed', remaining: [], figures: { terminated: [expect.stringContaining(`ended session ${stranger.pid}`)] } });
    expect(ended.steps.map(({ name, state }) => [name, state])).toEqual(['check connections and locks', 'terminate long-running queries', 'restart the database', 'wait until it answers', 'verify health'].map((name) => [name, 'done']));
    expect(await stranger.gone).toContain('terminating connection');
    const pids = async () => (await stack.ledger.readDatabase()).sessions.map(({ pid }) => pid);
    expect(await pids()).toEqual(expect.arrayContaining([backup.pid, own.pid]));
    await run({ terminate_over_minutes: 0, include_backups: true });
    expect(await backup.gone).toContain('terminating connection');
    expect(await pids()).toContain(own.pid);
  }, TIMEOUT_MS);

  it('does not run without a plan, nor with one that is no longer true', async () => {
    const seen = await plan({ terminate_over_minutes: 0 });
    expect(seen.effects).toEqual(['nothing is changed']);
    await visit('psql');
    const run = await closedRun(stage, stack, await startedRun(stage, DATABASE, { params: { terminate_over_minutes: 0 }, plan_id: seen.plan_id, reason: 'entries are late' }));
    expect(run).toMatchObject({ state: 'refused', outcome: expect.stringContaining('the world has changed') as string });
  }, TIMEOUT_MS);

  it('leaves a session alone whose pid somebody else has by now', async () => {
    const stranger = await visit('psql');
    const { startedMs } = (await stack.ledger.readDatabase()).sessions.find(({ pid }) => pid === stranger.pid) ?? { startedMs: 0 };
    expect(await stack.ledger.endSession({ pid: stranger.pid, startedMs: startedMs - 1 })).toBe(false);
    expect(await stack.ledger.endSession({ pid: stranger.pid, startedMs })).toBe(true);
    expect(await stranger.gone).toContain('terminating connection');
  }, TIMEOUT_MS);

  it('says who has to restart a database that no supervisor of ours holds', async () => {
    expect(await run({ restart: true })).toMatchObject({ state: 'completed', remaining: [expect.stringContaining('restart PostgreSQL with whatever supervises it')] });
  }, TIMEOUT_MS);

  it('counts its connections: 20 kept, 30 more under load, none older than an hour', async () => {
    expect(stack.ledger.poolStatistics()).toMatchObject({ size: 20, overflow: 30, recycleAfterSeconds: 3_600, waiting: 0 });
    await Promise.all(Array.from({ length: 60 }, () => stack.ledger.ping()));
    const { open, opened } = stack.ledger.poolStatistics();
    expect(open).toBeGreaterThan(1);
    expect(open).toBeLessThanOrEqual(50);
    const own = (await stack.ledger.readDatabase()).sessions.filter(({ application }) => application === 'bybit-temporal-bot');
    await stack.database.query('select pg_terminate_backend(pid) from pg_stat_activity where pid = any($1)', [own.map(({ pid }) => pid)]);
    await eventually(() => Promise.all(Array.from({ length: 5 }, () => stack.ledger.ping())));
    expect(stack.ledger.poolStatistics().opened).toBeGreaterThan(opened);
  }, TIMEOUT_MS);
});

describe('database troubleshooting while the database is away', () => {
  it('is refused with the reason, unless it is to be restarted', async () => {
    const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * 900_000, seed: 5 });
    const stage = await setRunbookStage({ stack, ledger: () => Promise.resolve(stack.workerLedger) });
    stack.databaseLink.cut();
    const away = await stage.post<Plan>(`${DATABASE}/plan`, {});
    expect(away).toMatchObject({ status: 200, json: { refusals: [expect.stringContaining('the database does not answer')] } });
    expect(await stage.post<Plan>(`${DATABASE}/plan`, { params: { restart: true } })).toMatchObject({ status: 200, json: { refusals: [], effects: [expect.stringContaining('is restarted through its supervisor')] } });
    expect(await stage.ask('/api/v1/debug/database')).toMatchObject({ status: 503 });
    stack.databaseLink.mend();
    await stage.close();
    await stack.stop();
  }, TIMEOUT_MS);
});

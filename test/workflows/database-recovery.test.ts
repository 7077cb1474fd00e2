/** A ledger is lost or damaged while positions are open; one run brings it back from a backup and from the exchange. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { takeBackup } from '../support/kept-backups.js';
import { endedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botStatus, eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const TIMEOUT_MS = 120_000;
const RECOVERY = '/api/v1/runbooks/databaseRecovery';

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2), at(8), at(20)], exitAtMs: [at(6), at(14), at(44)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', interval: '15', enterAtMs: [at(4), at(18)], exitAtMs: [at(12)] };
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', interval: '15', enterAtMs: [at(10), at(40)] };
const SCRIPT = { strategies: [BTC, ETH, SOL], trading: { cooldown_minutes_after_stop: 0 } };

/** Everything that a trade's row says, but for when it was written. */
const tradesOf = (stack: TradingStack) => stack.database.query<{ row: object }>("select to_jsonb(t) - 'recorded_at' - 'updated_at' as row from trades t order by trade_id").then((rows) => rows.map(({ row }) => row));

async function recover(stage: RunbookStage, params: object = {}): Promise<RunOnTheWire> {
  const plan = await stage.post<{ plan_id: string; refusals: string[] }>(`${RECOVERY}/plan`, { params });
  expect(plan.json.refusals).toEqual([]);
  return endedRun(stage, await startedRun(stage, RECOVERY, { params, plan_id: plan.json.plan_id, reason: 'the ledger is lost' }));
}

describe('the recovery of a ledger that was emptied while three positions are open', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let tradesBefore: object[];
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(60), seed: 7, script: SCRIPT });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(at(9));
    await takeBackup(stage.backups);
    await stack.replayUntil(at(30));
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
    tradesBefore = await tradesOf(stack);
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const { name } of await stack.database.query<{ name: string }>('select datname as name from pg_database where datname like $1', [`${stack.database.name}\\_%`])) await stage.backups.server.dropDatabase(name);
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

  it('brings back every trade, and trading goes on', async () => {
    const run = await recover(stage);
    expect(run.steps.map(({ name, state, result }) => [name, state, result])).toEqual([]);
    expect(run).toMatchObject({ state: 'completed', remaining: [] });
  }, TIMEOUT_MS);
});

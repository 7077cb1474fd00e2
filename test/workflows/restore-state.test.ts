/** A bot whose memory is gone in Temporal and in the ledger takes up what was saved as a file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { BOT_WORKFLOW_ID, commandUpdate, pauseUpdate } from '../../workflows/messages.js';
import type { BotState } from '../../workflows/bot/bot-state.js';
import { endedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botStatus, eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const CANDLE_MS = 900_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const TIMEOUT_MS = 90_000;
const RESTORE = '/api/v1/runbooks/restoreState';
const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', interval: '15', enterAtMs: [at(2)], exitAtMs: [] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', interval: '15', enterAtMs: [at(20)], exitAtMs: [] };

describe('a saved state', { timeout: TIMEOUT_MS }, () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(40), seed: 5, script: { strategies: [BTC, ETH], trading: { cooldown_minutes_after_stop: 600 } } });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(at(4));
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
  const command = (id: string) => ({ requestId: id, reason: 'lunch', actor: 'ann' });
  const internal = async (): Promise<BotState> => (await bot().query<BotState>('internalState'));

  async function restore(params: object): Promise<RunOnTheWire> {
    const plan = await stage.post<{ plan_id: string; refusals: string[] }>(`${RESTORE}/plan`, { params });
    expect(plan.json.refusals).toEqual([]);
    return endedRun(stage, await startedRun(stage, RESTORE, { params, plan_id: plan.json.plan_id, reason: 'Temporal was lost' }));
  }

  it('is put back into a bot that starts new: what an operator ordered, why it was paused, cooldowns and the start of the day', async () => {
    await stack.simulate('jump', { symbol: 'BTCUSDT', price: '1' });
    await stack.replayUntil(at(6));
    await bot().executeUpdate(commandUpdate, { args: [{ verb: 'disable_strategy', strategy: 'scripted_eth', ...command('off') }] });
    await bot().executeUpdate(pauseUpdate, { args: [command('pause')] });
    await eventually(async () => expect(Object.keys((await internal()).risk.cooldownUntilMs)).toEqual(['BTCUSDT']));
    const before = await internal();
    expect(await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/saveState', { reason: 'before the storm' }))).toMatchObject({ state: 'completed' });
    await bot().terminate('its history is lost');
    await stack.database.query("delete from bot_state where name = 'trading-bot'");
    await stack.startEntities();
    await stack.replayUntil(at(7));
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'running' });
    expect((await internal()).overrides).toEqual({});

    expect(await restore({ file: null })).toMatchObject({ state: 'completed', remaining: [] });
    const after = await internal();
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: 'lunch (ann)' });
    expect(after.overrides).toEqual({ scripted_eth: false });
    expect(after.risk).toMatchObject({ cooldownUntilMs: before.risk.cooldownUntilMs, dayStartMs: before.risk.dayStartMs, dayStartEquity: before.risk.dayStartEquity, peakEquity: before.risk.peakEquity });
    await eventually(async () => expect((await stack.check()).findings).toEqual([]));
  });

  it('is refused when this program cannot read it, or when it is of another configuration', async () => {
    const folder = path.join(stage.dataDir, 'state');
    const [name = ''] = await readdir(folder);
    const saved = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as object;
    await writeFile(path.join(folder, 'newer.json'), JSON.stringify({ ...saved, version: 2 }));
    expect((await stage.post(`${RESTORE}/plan`, { params: { file: 'newer.json' } })).json).toMatchObject({ refusals: [expect.stringContaining('version')] });
    await bot().executeUpdate(commandUpdate, { args: [{ verb: 'reconfigure', configurationHash: 'f'.repeat(64), ...command('other') }] });
    await writeFile(path.join(folder, 'other.json'), JSON.stringify({ ...saved, configuration_hash: 'a'.repeat(64) }));
    expect((await stage.post(`${RESTORE}/plan`, { params: { file: 'other.json' } })).json).toMatchObject({ refusals: [expect.stringContaining('another configuration')] });
    expect((await stage.post(`${RESTORE}/plan`, { params: { file: 'no-such.json' } })).json).toMatchObject({ refusals: [expect.stringContaining('no saved state')] });
  });
});

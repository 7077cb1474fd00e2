/** "Bot stops trading unexpectedly", on a whole bot: the guide's causes are brought about and read where the guide looks. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import { createBotClient } from '../../../api/bot-client.js';
import { createWorkflowDesk } from '../../../api/workflow-desk.js';
import { BOT_WORKFLOW_ID, commandUpdate } from '../../../workflows/messages.js';
import { orderReplySchema } from '../../../api/order-command.js';
import { dataDebugSchema } from '../../../api/routes/data-debug.js';
import { internalStateSchema } from '../../../api/routes/internal-state.js';
import { riskDebugSchema } from '../../../api/routes/risk-debug.js';
import { strategiesDebugSchema } from '../../../api/routes/strategies-debug.js';
import { workflowSchema } from '../../../api/routes/workflows.js';
import { DEFAULT_CONFIGURATION } from '../../support/scripted-configuration.js';
import { startTradingStack, type TradingStack } from '../../support/trading-stack.js';
import { serveApi, type ApiServer } from './api-server.js';

const FROM_MS = Date.UTC(2026, 1, 2);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;
const SOON = { timeout: 20_000, interval: 50 };

function serve(stack: TradingStack): Promise<ApiServer> {
  const { client, ledger, latch } = stack;
  return serveApi({ ledger: () => Promise.resolve(ledger), bot: createBotClient({ client }), workflows: createWorkflowDesk({ client }), latch });
}

async function read<S extends z.ZodType>(api: ApiServer, schema: S, target: string): Promise<z.output<S>> {
  return schema.parse((await api.ask(target)).json);
}

/** The ledger knows of a decision a moment before the workflow's answers show it. */
async function decidedIn(api: ApiServer, closeMs: number): Promise<void> {
  await vi.waitFor(async () => {
    const { state } = await read(api, internalStateSchema, '/api/v1/debug/internal-state');
    expect(state?.['decidedThroughMs']).toBe(closeMs);
  }, SOON);
}

const diagnosisOf = async (api: ApiServer) => (await read(api, internalStateSchema, '/api/v1/debug/internal-state')).diagnosis;

describe('a bot whose limit is one position', () => {
  let stack: TradingStack;
  let api: ApiServer;
  const strategies = [
    { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1)], exitAtMs: [] },
    { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [at(1)], exitAtMs: [] },
  ];
  /** to exactly this candle, wherever between two an operator's order has left the market */
  const candle = async (index: number): Promise<void> => {
    await stack.advanceTo(at(index));
    await stack.dealtWith(at(index));
    await decidedIn(api, at(index));
  };
  const post = async (target: string, body: object = {}) => orderReplySchema.parse((await api.ask(target, { method: 'POST', body: JSON.stringify(body) })).json);

  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(20), seed: 12, stepMs: CANDLE_MS, script: { strategies, trading: { max_positions: 1 } } });
    api = await serve(stack);
    await candle(1);
  });
  afterAll(async () => {
    await api.close();
    await stack.stop();
  });

  it('risk limits: says that the position limit is reached, for whom, and that the other strategy holds its position', async () => {
    const { diagnosis, strategies: gated } = await read(api, riskDebugSchema, '/api/v1/risk/debug');
    expect(diagnosis.verdict).toBe('blocked');
    expect(diagnosis.findings).toEqual(expect.arrayContaining([
      expect.objectContaining({ cause: 'risk_limits', weight: 'blocking', code: 20005, message: expect.stringContaining('1 of 1 positions') as string }),
      expect.objectContaining({ cause: 'position_open', strategies: ['scripted_btc'], call: expect.stringContaining('/api/v1/positions/BTCUSDT/close') as string }),
    ]));
    expect(gated?.map(({ strategy, may_trade }) => [strategy, may_trade])).toEqual([['scripted_btc', false], ['scripted_eth', false]]);
    const debug = await read(api, strategiesDebugSchema, '/api/v1/strategies/debug');
    expect(debug.strategies[1]).toMatchObject({ name: 'scripted_eth', signal: 'enter', code: 20005, verdict: expect.stringContaining('limit is 1') as string });
  });

  it('the remedy works: the position is closed by its own workflow, which can be watched, and the limit is free again', async () => {
    const { watch } = await post('/api/v1/positions/BTCUSDT/close', { reason: 'make room' });
    const target = watch[0]?.api ?? '';
    await expect.poll(async () => (await read(api, workflowSchema, target)).status, SOON).toBe('completed');
    expect(await read(api, workflowSchema, target)).toMatchObject({ type: 'trade', progress: { state: 'closed', exitReason: 'operator' } });
    await expect.poll(async () => (await diagnosisOf(api)).findings.map(({ cause }) => cause), SOON).not.toContain('risk_limits');
  });

  it('market data: the series of both strategies are fresh on the clock of the replayed market', async () => {
    await candle(2);
    const { market_clock, series } = await read(api, dataDebugSchema, '/api/v1/data/debug');
    expect(market_clock).toBe('market');
    expect(series?.map(({ symbol, state }) => [symbol, state])).toEqual([['BTCUSDT', 'fresh'], ['ETHUSDT', 'fresh']]);
  });

  it('paused, and a strategy that an operator disabled, are told with the calls that end them', async () => {
    await api.ask('/api/v1/bot/pause', { method: 'POST', body: '{"reason": "lunch"}' });
    await post('/api/v1/strategies/scripted_eth/disable');
    await candle(3);
    const { findings } = await diagnosisOf(api);
    expect(findings).toEqual(expect.arrayContaining([
      expect.objectContaining({ cause: 'paused', weight: 'blocking', message: expect.stringContaining('lunch') as string, call: expect.stringContaining('/api/v1/bot/resume') as string }),
      expect.objectContaining({ cause: 'strategy_disabled', strategies: ['scripted_eth'], call: expect.stringContaining('/api/v1/strategies/scripted_eth/enable') as string }),
    ]));
  });

  it('halted: a latch that was set behind the bot\'s back is noticed at the next candle; releasing it leaves the bot paused', async () => {
    await stack.latch.set({ haltId: 'halt-test', atMs: Date.now(), reason: 'smoke', actor: 'test' });
    await candle(4);
    expect((await diagnosisOf(api)).findings[0]).toMatchObject({ cause: 'halted', code: 10009, message: expect.stringContaining('halt-test') as string });
    await stack.client.workflow.getHandle(BOT_WORKFLOW_ID).executeUpdate(commandUpdate, { args: [{ verb: 'release', haltId: 'halt-test', requestId: 'calm', reason: 'false alarm', actor: 'test' }] });
    await stack.latch.clear('halt-test');
    await candle(5);
    expect((await diagnosisOf(api)).findings.map(({ cause }) => cause)).not.toContain('halted');
  });
});

describe('a bot whose positions are larger than its balance', () => {
  let stack: TradingStack;
  let api: ApiServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'too-large-'));
    const document = JSON.parse(await readFile(DEFAULT_CONFIGURATION, 'utf8')) as { trading: object };
    const configurationPath = path.join(folder, 'config.json');
    await writeFile(configurationPath, JSON.stringify({ ...document, trading: { ...document.trading, max_position_size: 300, leverage: 1, max_total_exposure_percent: 2_500 } }));
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 86_400_000, seed: 12, configurationPath });
    api = await serve(stack);
    await stack.replayUntil(FROM_MS + 3_600_000);
    await decidedIn(api, FROM_MS + 3_600_000);
  });
  afterAll(async () => {
    await api.close();
    await stack.stop();
    await rm(folder, { recursive: true });
  });

  it('insufficient balance: both amounts are told, and where to look', async () => {
    const { diagnosis } = await read(api, riskDebugSchema, '/api/v1/risk/debug');
    expect(diagnosis).toMatchObject({ verdict: 'blocked', findings: [{ cause: 'insufficient_balance', code: 20001, message: expect.stringMatching(/USDT are free, .* needs about [\d.]+ USDT/) as string, call: expect.stringContaining('/api/v1/') as string }] });
  });

  it('conditions not met: each strategy names the indicator values that failed', async () => {
    const { strategies, diagnosis } = await read(api, strategiesDebugSchema, '/api/v1/strategies/debug');
    const waiting = strategies.filter(({ signal, failed_conditions }) => signal === 'hold' && failed_conditions.length > 0);
    expect(waiting.length).toBeGreaterThan(0);
    for (const { name, conditions } of waiting) {
      const failed = conditions.find(({ met }) => !met);
      expect(diagnosis.findings).toEqual(expect.arrayContaining([expect.objectContaining({ cause: 'conditions_not_met', weight: 'explaining', strategies: [name], message: expect.stringContaining(`${failed?.name ?? '?'} is ${failed?.value ?? '?'}, wanted ${failed?.wanted ?? '?'}`) as string })]));
    }
  });
});

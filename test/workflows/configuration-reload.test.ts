/** The configuration of a running bot is changed through the API; real bot, ledger, exchange and Temporal. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createBotClient } from '../../api/bot-client.js';
import { configSchema, reloadReplySchema } from '../../api/routes/config.js';
import { loadConfiguration } from '../../config/load.js';
import { configurationFile } from '../../workers/configuration-file.js';
import { strategiesQuery, BOT_WORKFLOW_ID } from '../../workflows/messages.js';
import { serveApi, type Answer, type ApiServer } from '../integration/api/api-server.js';
import { writeScriptedConfiguration, type Script } from '../support/scripted-configuration.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { botStatus, eventually, positionOn, scriptedTradeId, tradeRow } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 1, 2);
const CANDLE_MS = 300_000;
const at = (candle: number): number => FROM_MS + candle * CANDLE_MS;

const BTC = { name: 'scripted_btc', symbol: 'BTCUSDT', enterAtMs: [at(1)], exitAtMs: [at(2)] };
const ETH = { name: 'scripted_eth', symbol: 'ETHUSDT', enterAtMs: [] as number[] };
const SOL = { name: 'scripted_sol', symbol: 'SOLUSDT', enterAtMs: [at(7)] };

type ReloadReply = z.output<typeof reloadReplySchema>;

describe('the configuration of a bot that runs', () => {
  let stack: TradingStack;
  let api: ApiServer;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: at(40), seed: 12, stepMs: CANDLE_MS, script: { strategies: [BTC, ETH] } });
    api = await serveApi({
      ledger: () => Promise.resolve(stack.ledger),
      bot: createBotClient({ client: stack.client, commandTimeoutMs: 2_000 }),
      configuration: configurationFile(await loadConfiguration(stack.configurationPath)),
    });
  });
  afterAll(async () => {
    await api.close();
    await stack.stop();
  });

  const write = (script: Script): Promise<string> => writeScriptedConfiguration(script, path.dirname(stack.configurationPath));
  const post = (body: object): Promise<Answer<ReloadReply>> => api.ask('/api/v1/config/reload', { method: 'POST', body: JSON.stringify(body) });
  const config = async (): Promise<z.output<typeof configSchema>> => configSchema.parse((await api.ask('/api/v1/config')).json);

  async function reload(script: Script): Promise<ReloadReply> {
    await write(script);
    const { status, json } = await post({ reason: 'test' });
    expect(status, JSON.stringify(json)).toBe(200);
    return reloadReplySchema.parse(json);
  }

  async function refused(): Promise<{ code: number; fields: string[] }> {
    const { status, json } = await api.refused('/api/v1/config/reload', { method: 'POST', body: '{}' });
    expect(status).toBe(400);
    return { code: json.code, fields: (json.errors ?? []).map(({ field }) => field) };
  }

  it('is the file that the trading worker started with', async () => {
    await stack.replayUntil(at(2));
    const shown = await config();
    expect(shown).toMatchObject({ accepted_by: 'start', decides_with: shown.hash, configuration: { mode: 'paper', trading: { leverage: 2 } } });
    expect(Object.keys(shown.strategy_files)).toEqual([BTC.name, ETH.name]);
    expect(JSON.stringify(shown)).not.toContain(path.dirname(stack.configurationPath));
  });

  it('is shown as it would change by a dry run, which changes nothing', async () => {
    const before = await config();
    await write({ strategies: [BTC, { ...ETH, enterAtMs: [at(4)] }], trading: { max_positions: 2 } });
    const { status, json } = await post({ reason: 'what if', dry_run: true });
    expect({ status, ...json }).toMatchObject({
      status: 200, applied: false, previous_hash: before.hash, warnings: [],
      changes: [
        { field: 'trading.max_positions', before: 3, after: 2 },
        { field: 'strategies.scripted_eth.parameters.enter_at_ms', before: [], after: [at(4)] },
      ],
    });
    expect(await config()).toEqual(before);
  });

  it('decides with a changed parameter from the next candle on', async () => {
    const reply = await reload({ strategies: [BTC, { ...ETH, enterAtMs: [at(4)] }], trading: { max_positions: 2 } });
    expect(reply).toMatchObject({ applied: true, audit: 'recorded' });
    expect(await config()).toMatchObject({ hash: reply.hash, accepted_by: 'reload', decides_with: reply.hash });
    await stack.replayUntil(at(4));
    expect(await positionOn(stack, 'ETHUSDT')).toBeDefined();
    expect(await stack.database.query('select who, what, reason from audit order by timestamp desc limit 1')).toEqual([{ who: 'operator', what: 'config.reload', reason: 'test' }]);
  });

  it('says so when there is nothing to take over', async () => {
    expect((await post({})).json).toMatchObject({ applied: false, changes: [], detail: 'the file says what is in force already' });
  });

  it('stays as it is when the file is broken, and everything that is wrong is said', async () => {
    const before = await config();
    await writeFile(stack.configurationPath, '{ "trading": { "max_position_size": 0 }, "strategies": [{ "name": "scripted_et", "enabled": true }] }');
    expect(await refused()).toEqual({ code: 10002, fields: ['trading.max_position_size', 'trading.daily_loss_limit', 'strategies[0]'] });
    await writeFile(stack.configurationPath, '{ "trading": ');
    const { json } = await api.refused('/api/v1/config/reload', { method: 'POST' });
    expect(json).toMatchObject({ code: 10002, errors: [{ field: '', problem: expect.stringContaining('line 1, column') as string }] });
    expect(JSON.stringify(json)).not.toContain(path.dirname(stack.configurationPath));
    expect(await config()).toEqual(before);
    await stack.replayUntil(at(5));
    expect(await positionOn(stack, 'ETHUSDT')).toBeDefined();
  });

  it('is not taken over where only a restart could, and the field is named', async () => {
    await write({ strategies: [BTC, { ...ETH, enterAtMs: [at(4)] }], trading: { max_positions: 1 }, exchange: { request_timeout_ms: 4_000 } });
    expect(await refused()).toEqual({ code: 10002, fields: ['exchange.request_timeout_ms'] });
  });

  it('does not move a strategy to another symbol while it holds a position', async () => {
    await write({ strategies: [BTC, { ...ETH, symbol: 'XRPUSDT', enterAtMs: [at(4)] }] });
    expect(await refused()).toEqual({ code: 10002, fields: ['strategies.scripted_eth.parameters.symbol'] });
  });

  it('takes in a strategy of its own file and feeds its candles, and drops one that holds a trade, which stays under its stop', async () => {
    const reply = await reload({ strategies: [BTC, SOL], trading: { max_positions: 2 } });
    expect(reply.changes).toMatchObject([{ field: 'strategies.scripted_eth', after: null }, { field: 'strategies.scripted_sol', before: null }]);
    expect(reply.warnings).toEqual([expect.stringContaining('scripted_eth is removed while it holds a trade: its position in ETHUSDT keeps its stop')]);
    await eventually(() => expect(stack.logged).toContain('Market feed follows other series'));
    await stack.replayUntil(at(7));
    expect(await tradeRow(stack, scriptedTradeId(SOL, at(7)))).toMatchObject({ state: 'open' });
    const { stopLoss } = await tradeRow(stack, scriptedTradeId(ETH, at(4)));
    expect(await positionOn(stack, 'ETHUSDT')).toMatchObject({ stopLoss });
    expect((await botStatus(stack)).openTrades.map(({ strategy }) => strategy).sort()).toEqual(['scripted_eth', 'scripted_sol']);
  });

  it('goes on with the other strategies when one names a symbol that the exchange does not list', async () => {
    const wrong = { name: 'scripted_none', symbol: 'NOSUCHUSDT', enterAtMs: [at(9)] };
    await reload({ strategies: [BTC, { ...SOL, exitAtMs: [at(9)] }, wrong] });
    await stack.replayUntil(at(9));
    expect(await positionOn(stack, 'SOLUSDT')).toBeUndefined();
    const views = await stack.client.workflow.getHandle(BOT_WORKFLOW_ID).query(strategiesQuery);
    expect(views.find(({ name }) => name === wrong.name)).toMatchObject({ lastSignal: 'problem', verdict: expect.stringContaining('cannot be traded: 20002') as string });
  });

  it('is decided with by another worker when the one that knew it dies before the next candle', async () => {
    const second = await stack.startWorker('second');
    const script = { strategies: [{ ...BTC, enterAtMs: [at(11)] }, SOL] };
    const { hash } = await reload(script);
    await stack.firstWorker.stop();
    await stack.replayUntil(at(11));
    expect(await positionOn(stack, 'BTCUSDT')).toBeDefined();
    expect(await config()).toMatchObject({ hash, decides_with: hash });
    await second.stop();
  });

  it('waits for a worker when none answers, and is what the next one decides with', async () => {
    await write({ strategies: [{ ...BTC, enterAtMs: [at(11)], exitAtMs: [at(13)] }, SOL] });
    expect((await post({ reason: 'while it is away' })).status).toBe(202);
    await stack.startWorker('third');
    await stack.replayUntil(at(13));
    expect(await positionOn(stack, 'BTCUSDT')).toBeUndefined();
    expect((await stack.check()).findings).toEqual([]);
  });
});

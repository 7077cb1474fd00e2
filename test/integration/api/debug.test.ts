/** The four debug endpoints of "Bot stops trading unexpectedly", and the figures of risk, over a bot that is there, and one that is not. */
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createBotClient } from '../../../api/bot-client.js';
import { createWorkflowDesk } from '../../../api/workflow-desk.js';
import { dataDebugSchema } from '../../../api/routes/data-debug.js';
import { internalStateSchema } from '../../../api/routes/internal-state.js';
import { riskDebugSchema } from '../../../api/routes/risk-debug.js';
import { currentExposureSchema, dailyLimitsSchema } from '../../../api/routes/risk-figures.js';
import { strategiesDebugSchema } from '../../../api/routes/strategies-debug.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { Candle } from '../../../core/market/candle.js';
import { CONFIGURATION_STATE } from '../../../core/ports/configuration.js';
import { aCandle, aDecision, aWallet, money } from '../../support/postgres-facts.js';
import { DECIDED_MS } from './bot-stage.js';
import { stageApi, type StagedApi } from './staged-api.js';
import type { ApiServer } from './api-server.js';

const QUARTER_MS = 900_000;
let api: StagedApi;
/** five seconds after the decision; `api` itself looks years later and finds the candles late */
let soon: ApiServer;

function candlesUntil(closeMs: number, count: number): Candle[] {
  return Array.from({ length: count }, (_, index) => aCandle({ interval: '15', startMs: closeMs - (count - index) * QUARTER_MS }));
}

beforeAll(async () => {
  api = await stageApi();
  soon = await api.beside({ clock: () => DECIDED_MS + 5_000 });
  const { ledger } = api;
  await ledger.saveWallet(aWallet({ equity: money('10012.5'), available: money('8000'), asOfMs: DECIDED_MS }));
  await ledger.saveCandles(candlesUntil(DECIDED_MS, 30).filter((_, index) => index !== 10));
  await ledger.saveDecision(aDecision({ decidedThroughMs: DECIDED_MS, evaluations: [{ strategy: 'mean_reversion_btc', signal: 'hold', message: 'conditions not met', code: null }] }));
  await ledger.saveState(CONFIGURATION_STATE, { hash: 'h', document: { strategies: [{ name: 'mean_reversion_btc', enabled: true, parameters: { symbol: 'BTCUSDT', interval: '15', rsi_period: 14 } }] } });
});
afterAll(async () => {
  await soon.close();
  await api.close();
});

async function read<S extends z.ZodType>(schema: S, path: string, from: ApiServer = api): Promise<z.output<S>> {
  const { status, json } = await from.ask(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return schema.parse(json);
}

describe('current exposure', () => {
  it('is told against every limit, as of the wallet it is measured with', async () => {
    expect(await read(currentExposureSchema, '/api/v1/risk/current-exposure')).toMatchObject({
      as_of: '2024-05-01T12:00:00.000Z', source: 'workflow', total_exposure: '3003.75', exposure_percent: '30', exposure_cap: '15018.75', room: '12015', risk_at_stops: '48.3',
      open_positions: 1, max_positions: 3, exposures: [{ trade_id: 'BTCUSDT-1-abcd', notional: '3003.75', notional_percent: '30', risk_at_stop: '48.3', state: 'filled' }],
    });
  });
});

describe('daily limits', () => {
  it('show used, left and the reset time, all that a profit adds included', async () => {
    expect(await read(dailyLimitsSchema, '/api/v1/risk/daily-limits')).toMatchObject({
      source: 'workflow', limit_percent: '5', counted_from_equity: '10000', limit: '500', used: '0', used_percent: '0', left: '512.5', limit_hit: false, resets_at: '2024-05-02T00:00:00.000Z', day_pnl: '12.5',
    });
  });
});

describe('risk/debug', () => {
  it('says for each strategy which gate is closed, why, and what to do', async () => {
    const { strategies, risk, diagnosis } = await read(riskDebugSchema, '/api/v1/risk/debug', soon);
    expect(strategies).toMatchObject([
      { strategy: 'mean_reversion_btc', may_trade: false, closed_gates: ['one_position_per_symbol'] },
      { strategy: 'sma_cross_eth', enabled: false, may_trade: false, closed_gates: ['enabled'] },
    ]);
    expect(risk).toMatchObject({ equity: '10012.5', halt: null, limits: { dailyLossLimitPercent: '5' } });
    expect(diagnosis.findings).toMatchObject([{ cause: 'position_open', strategies: ['mean_reversion_btc'], call: `curl -X POST http://127.0.0.1:${soon.port}/api/v1/positions/BTCUSDT/close` }]);
  });
});

describe('strategies/debug', () => {
  it('shows parameters, the evaluated candle, each condition with its value, and which failed', async () => {
    const { as_of, source, strategies, diagnosis } = await read(strategiesDebugSchema, '/api/v1/strategies/debug', soon);
    expect({ as_of, source }).toEqual({ as_of: '2024-05-01T12:00:00.000Z', source: 'workflow' });
    expect(strategies[0]).toMatchObject({
      name: 'mean_reversion_btc', parameters: { rsi_period: 14 }, last_evaluated_candle: '2024-05-01T12:00:00.000Z', signal: 'hold', verdict: 'conditions not met', code: null,
      failed_conditions: ['RSI(14)'], open_trade: 'BTCUSDT-1-abcd', conditions: [{ name: 'RSI(14)', value: '45.2', wanted: 'below 30', met: false }, { met: true }],
    });
    expect(strategies[1]).toMatchObject({ enabled: false, enabled_by: 'operator', parameters: null, last_evaluated_candle: null });
    expect(diagnosis.verdict).toBe('limited');
    expect(diagnosis.findings.map(({ cause, strategies: named }) => [cause, ...named])).toEqual([['strategy_disabled', 'sma_cross_eth'], ['position_open', 'mean_reversion_btc'], ['conditions_not_met', 'mean_reversion_btc']]);
  });
});

describe('data/debug', () => {
  it('tells age on the market\'s clock, gaps, and series without candles', async () => {
    const { market_clock, market_time, series, feed } = await read(dataDebugSchema, '/api/v1/data/debug');
    expect({ market_clock, feed }).toEqual({ market_clock: 'host', feed: null });
    expect(Math.abs(Date.parse(market_time) - Date.now())).toBeLessThan(60_000);
    const [btc, eth] = series ?? [];
    expect(btc).toMatchObject({ symbol: 'BTCUSDT', interval: '15', strategies: ['mean_reversion_btc'], state: 'late', newest_close: '2024-05-01T12:00:00.000Z', candles_looked_at: 29, gap_count: 1 });
    expect(btc?.gaps[0]).toMatchObject({ kind: 'gap', code: 40005 });
    expect(eth).toMatchObject({ symbol: 'ETHUSDT', strategies: [], state: 'empty', newest_close: null });
  });

  it('looks at as many candles as it is told to', async () => {
    const { series } = await read(dataDebugSchema, '/api/v1/data/debug?candles=5');
    expect(series?.[0]).toMatchObject({ candles_looked_at: 5, gap_count: 0 });
    expect((await api.refused('/api/v1/data/debug?candles=1')).status).toBe(400);
  });
});

describe('debug/internal-state', () => {
  it('shows the workflow\'s own state without secrets, its run, and the whole diagnosis', async () => {
    const { workflow, state, diagnosis, source } = await read(internalStateSchema, '/api/v1/debug/internal-state');
    expect(source).toBe('workflow');
    expect(workflow).toMatchObject({ workflow_id: api.stage.workflowId, status: 'running', temporal_ui: `/namespaces/default/workflows/${api.stage.workflowId}` });
    expect(workflow?.history_length).toBeGreaterThan(0);
    expect(state).toMatchObject({ status: { lifecycle: 'running' }, apiKey: '[redacted]' });
    expect(diagnosis.findings.map(({ cause }) => cause)).toEqual(['market_data', 'strategy_disabled', 'position_open', 'market_data', 'conditions_not_met'].sort((a, b) => order(a) - order(b)));
  });
});

const order = (cause: string): number => ['market_data', 'strategy_disabled', 'position_open', 'conditions_not_met'].indexOf(cause);

describe('with Temporal away', () => {
  it('the debug endpoints still answer, and their diagnosis names it first', async () => {
    const connection = openTemporalConnection('127.0.0.1:1');
    const client = new Client({ connection });
    const alone = await api.beside({ bot: createBotClient({ client }), workflows: createWorkflowDesk({ client }) });
    try {
      const [risk, strategies, data, internal] = await Promise.all([
        read(riskDebugSchema, '/api/v1/risk/debug', alone), read(strategiesDebugSchema, '/api/v1/strategies/debug', alone),
        read(dataDebugSchema, '/api/v1/data/debug', alone), read(internalStateSchema, '/api/v1/debug/internal-state', alone),
      ]);
      for (const { diagnosis } of [risk, strategies, data, internal]) expect(diagnosis).toMatchObject({ verdict: 'blocked', findings: expect.arrayContaining([expect.objectContaining({ cause: 'dependency', weight: 'blocking' })]) as unknown });
      expect(risk).toMatchObject({ source: 'api', risk: null, strategies: null });
      expect(strategies).toMatchObject({ source: 'ledger', strategies: [{ name: 'mean_reversion_btc', parameters: { rsi_period: 14 }, signal: 'none' }] });
      expect(data).toMatchObject({ source: 'ledger', market_clock: 'market', series: [{ symbol: 'BTCUSDT', state: 'fresh' }] });
      expect(internal).toMatchObject({ workflow: null, state: null });
      expect(await alone.refused('/api/v1/risk/current-exposure')).toMatchObject({ status: 503, json: { code: 10006 } });
    } finally {
      await alone.close();
      await connection.close();
    }
  });
});

describe('with the database away', () => {
  it('what the bot knows is still shown, and the missing part is named', async () => {
    const alone = await api.beside({ ledger: () => Promise.reject(new BotError(10003, 'the database does not answer')) });
    try {
      expect(await read(dataDebugSchema, '/api/v1/data/debug', alone)).toMatchObject({ source: 'api', series: null, diagnosis: { findings: [{ cause: 'dependency', message: expect.stringContaining('postgres') as string }] } });
      expect((await read(riskDebugSchema, '/api/v1/risk/debug', alone)).strategies).toHaveLength(2);
    } finally {
      await alone.close();
    }
  });
});

/** What the processes say of themselves, on its way over a real ledger to whoever asks. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { apiAuditSchema } from '../../../api/routes/api-audit.js';
import { apiStatsSchema } from '../../../api/routes/api-stats.js';
import { executionTimesSchema } from '../../../api/routes/execution-times.js';
import { memoryUsageSchema } from '../../../api/routes/memory-usage.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { toDecimalString, type DecimalString } from '../../../core/money/decimal.js';
import type { Ledger, TradeRow, TradeTimings } from '../../../core/ports/ledger.js';
import type { ProcessReport } from '../../../core/ports/process-report.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from './api-server.js';

const NOW_MS = Date.UTC(2026, 0, 10, 12);
const MB = 1024 * 1024;
const d = (text: string): DecimalString => toDecimalString(text);

const away = (): Promise<never> => Promise.reject(new BotError(10006, 'not asked here'));
const bot: ApiDependencies['bot'] = { status: away, risk: away, strategies: away, internalState: away, command: away, order: away } as unknown as ApiDependencies['bot'];
const workflows: ApiDependencies['workflows'] = {
  links: (workflowId) => ({ workflowId, api: `/api/v1/workflows/${workflowId}`, temporalUi: `/namespaces/default/workflows/${workflowId}` }),
  startEmergencyShutdown: away, describe: away, progress: away,
};

const endpoint = (name: string, scope: 'public' | 'read' | 'Order' | 'Position', fields: object = {}) =>
  ({ endpoint: name, scope, calls: 10, shared: 0, refused: 0, errorsByCode: {}, latency: { count: 10, p50: 12.34, p95: 40, p99: 90, max: 91 }, lastCallAtMs: NOW_MS - 500, ...fields });

function report(instance: string, fields: Partial<ProcessReport> = {}): ProcessReport {
  return {
    service: 'trading-worker', instance, pid: 4711, version: '0.1.0', startedAtMs: NOW_MS - 3_600_000, atMs: NOW_MS - 1_000,
    memory: { rss: 300 * MB, peakRss: 320 * MB, heapTotal: 200 * MB, heapUsed: 150 * MB, external: 10 * MB, arrayBuffers: MB }, cpuPercent: 3.5, eventLoopDelayMs: { mean: 0.5, p99: 4, max: 12 }, memoryCleanups: 0,
    apiStats: {
      sinceMs: NOW_MS - 3_600_000, waiting: 0, bannedForMs: 0,
      budgets: [{ requests: 480, windowMs: 5_000, used: 2, headroom: 478, enforced: true }, { requests: 1_200, windowMs: 60_000, used: 60, headroom: 1_140, enforced: true }],
      quotas: [{ endpoint: 'order/create', requestsPerSecond: 10, used: 1, headroom: 9 }],
      endpoints: [endpoint('order/create', 'Order', { calls: 3, errorsByCode: { 20001: 1 } }), endpoint('market/tickers', 'public', { calls: 100, shared: 4 }), endpoint('account/wallet-balance', 'read', { errorsByCode: { 30002: 1 }, refused: 2 })],
    },
    cacheStats: { backend: 'redis', available: true, outages: 1, bypassed: 3, kinds: { instruments: { hits: 9, misses: 1, shared: 0, expiredServed: 0, corrupted: 0 } } },
    feed: null,
    keyInfo: { readAtMs: NOW_MS - 60_000, readOnly: false, permissions: { ContractTrade: ['Order', 'Position'], Wallet: [] }, boundIps: ['203.0.113.7'], expiresMs: null },
    prices: [], ...fields,
  };
}

function trade(tradeId: string, totalMs: number | null): TradeRow {
  const timings: TradeTimings | null = totalMs === null ? null : { candleCloseMs: NOW_MS, receivedAtMs: NOW_MS + 30, decidedAtMs: NOW_MS + 50, sentAtMs: NOW_MS + 60, acknowledgedAtMs: NOW_MS + 70, filledAtMs: NOW_MS + 30 + totalMs };
  return {
    tradeId, strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', state: 'open', decidedMs: NOW_MS, referencePrice: d('60000'), qty: d('0.1'), leverage: d('2'), stopLoss: d('59000'), takeProfit: null,
    entryPrice: null, exitPrice: null, openedMs: null, closedMs: null, exitReason: null, grossPnl: null, fees: null, funding: null, realisedPnl: null, errorCode: null, errorMessage: null, workflowId: `trade-${tradeId}`, timings,
  };
}

let database: TestDatabase;
let ledger: Ledger;
let api: ApiServer;
const say = (one: ProcessReport): Promise<void> => ledger.saveState(`process:${one.service}-${one.instance}`, { ...one });

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
});
// an API of its own for every test: one answer is given to all who ask within a moment
beforeEach(async () => { api = await serveApi({ ledger: () => Promise.resolve(ledger), bot, workflows, clock: () => NOW_MS }); });
afterEach(() => api.close());
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

describe('before any worker has reported', () => {
  it('each reply says so, and what to do', async () => {
    const stats = apiStatsSchema.parse((await api.ask('/api/v1/debug/api-stats')).json);
    expect(stats).toMatchObject({ calls: 0, error_percent: null, processes: [], verdict: expect.stringContaining('/health') as string });
    const memory = memoryUsageSchema.parse((await api.ask('/api/v1/debug/memory-usage')).json);
    expect(memory).toMatchObject({ workers_missing_because: 'no worker has reported yet', processes: [{ service: 'api', state: 'ok', rss_mb: 100 }] });
    expect(await api.refused('/api/v1/security/api-audit')).toMatchObject({ status: 503, json: { code: 40004, fix: expect.stringContaining('/health') as string } });
    expect(executionTimesSchema.parse((await api.ask('/api/v1/debug/execution-times')).json)).toMatchObject({ trades: 0, measured: 0, verdict: 'no trade with timings yet' });
  });
});

describe('once a worker has reported', () => {
  beforeAll(() => say(report('a')));

  it('api-stats shows budget, headroom, percentiles and errors by code of each endpoint', async () => {
    const stats = apiStatsSchema.parse((await api.ask('/api/v1/debug/api-stats')).json);
    expect(stats).toMatchObject({ as_of: '2026-01-10T11:59:59.000Z', source: 'ledger', calls: 113, errors: 2, error_percent: 1.8, refused: 2, verdict: 'there is headroom: 60 of 1200 requests in 60 s are used, nothing waits' });
    const [worker] = stats.processes;
    expect(worker).toMatchObject({ service: 'trading-worker', instance: 'a', age_ms: 1_000, is_stale: false, waiting: 0, endpoint_quotas: [{ endpoint: 'order/create', requests_per_second: 10, headroom: 9 }] });
    expect(worker?.budgets[1]).toEqual({ requests: 1_200, window_ms: 60_000, used: 60, headroom: 1_140, used_percent: 5, enforced: true });
    expect(worker?.endpoints.map((one) => one.endpoint)).toEqual(['market/tickers', 'account/wallet-balance', 'order/create']);
    expect(worker?.endpoints[2]).toMatchObject({ scope: 'Order', errors: 1, errors_by_code: { 20001: 1 }, latency_ms: { count: 10, p50: 12.3, p95: 40, p99: 90, max: 91 } });
    expect(worker?.cache).toEqual({ backend: 'redis', available: true, outages: 1, bypassed: 3, kinds: { instruments: { hits: 9, misses: 1, shared: 0, expired_served: 0, corrupted: 0, hit_percent: 90 } } });
  });

  it('memory-usage shows this process live and the workers as reported, against the limits', async () => {
    const memory = memoryUsageSchema.parse((await api.ask('/api/v1/debug/memory-usage')).json);
    expect(memory).toMatchObject({ source: 'api', limits: { max_memory_mb: 1_000, cleanup_threshold_mb: 800 }, total_rss_mb: 400, workers_missing_because: null, verdict: 'every process is below the clean-up threshold' });
    expect(memory.processes.map(({ service, rss_mb, peak_rss_mb, used_percent, memory_cleanups }) => ({ service, rss_mb, peak_rss_mb, used_percent, memory_cleanups }))).toEqual([
      { service: 'api', rss_mb: 100, peak_rss_mb: 120, used_percent: 10, memory_cleanups: null }, { service: 'trading-worker', rss_mb: 300, peak_rss_mb: 320, used_percent: 30, memory_cleanups: 0 },
    ]);
  });

  it('api-audit has nothing to say against a bound key that may only trade', async () => {
    const audit = apiAuditSchema.parse((await api.ask('/api/v1/security/api-audit')).json);
    expect(audit).toMatchObject({
      as_of: '2026-01-10T11:59:00.000Z', age_ms: 60_000, key: { read_only: false, withdrawals_allowed: false, ip_bound: true, expires_at: null },
      usage: { by_endpoint_group: { market: 100, account: 10, order: 3 }, by_permission: { public: 100, read: 10, Order: 3, Position: 0 }, key_refusals: { 30002: 1 } }, unused_scopes: ['ContractTrade: Position'],
    });
    expect(audit.findings.map(({ severity, code }) => ({ severity, code }))).toEqual([{ severity: 'warning', code: 30002 }, { severity: 'info', code: 30010 }]);
  });

  it('a key that may withdraw money is the first finding, and critical', async () => {
    const { keyInfo } = report('b');
    if (keyInfo === null) throw new Error('the report has a key');
    await say(report('b', { keyInfo: { ...keyInfo, readAtMs: NOW_MS, permissions: { ...keyInfo.permissions, Wallet: ['Withdraw'] }, boundIps: [] } }));
    const audit = apiAuditSchema.parse((await api.ask('/api/v1/security/api-audit')).json);
    expect(audit.findings[0]).toMatchObject({ severity: 'critical', code: 10005, what: expect.stringContaining('withdraw') as string });
    expect(audit.key).toMatchObject({ withdrawals_allowed: true, ip_bound: false });
    expect(audit.verdict).toContain('action now');
  });

  it.each([
    ['a ban', { bannedForMs: 30_000 }, 'refuses this address for 30 s'],
    ['a budget that is nearly used up', { budgets: [{ requests: 1_200, windowMs: 60_000, used: 1_000, headroom: 200, enforced: true }], waiting: 7 }, 'nearly used up: 1000 of 1200 requests in 60 s are used, 7 wait'],
    ['paper mode beyond the budget', { budgets: [{ requests: 1_200, windowMs: 60_000, used: 5_000, headroom: 0, enforced: false }] }, 'in paper mode nobody is held back'],
  ])('the verdict of api-stats names %s', async (_what, apiStats, words) => {
    const ordinary = report('b');
    if (ordinary.apiStats === null) throw new Error('the report has statistics');
    await say({ ...ordinary, apiStats: { ...ordinary.apiStats, ...apiStats } });
    expect(apiStatsSchema.parse((await api.ask('/api/v1/debug/api-stats')).json).verdict).toContain(words);
  });

  it('high memory is named, and a worker that fell silent is not taken for a living one', async () => {
    await say(report('b', { memory: { ...report('b').memory, rss: 900 * MB } }));
    await say(report('c', { memory: { ...report('c').memory, rss: 1_100 * MB } }));
    await say(report('d', { atMs: NOW_MS - 60_000 }));
    const memory = memoryUsageSchema.parse((await api.ask('/api/v1/debug/memory-usage')).json);
    expect(Object.fromEntries(memory.processes.map(({ instance, state }) => [instance, state]))).toEqual({ 1: 'ok', a: 'ok', b: 'above_cleanup_threshold', c: 'above_maximum', d: 'unknown' });
    expect(memory.verdict).toBe('above the maximum: trading-worker-c; above the clean-up threshold: trading-worker-b; no word lately of trading-worker-d');
    expect(memory.total_rss_mb).toBe(100 + 300 + 900 + 1_100);
  });

  it('metrics have the figures of living processes, and none of one that fell silent', async () => {
    await say(report('a', { prices: [{ symbol: 'BTCUSDT', lastPrice: '64250.1', markPrice: '64251', fundingRate: '0.0001', nextFundingMs: 0, asOfMs: NOW_MS }] }));
    const { text } = await api.ask('/metrics');
    expect(text).toMatch(/^trading_bot_exchange_budget_headroom_requests\{service="trading-worker",instance="a",window_seconds="60"\} 1140$/m);
    expect(text).toMatch(/^trading_bot_exchange_latency_seconds\{service="trading-worker",instance="a",endpoint="order\/create",quantile="0.95"\} 0.04$/m);
    expect(text).toMatch(/^trading_bot_last_price\{service="trading-worker",instance="a",symbol="BTCUSDT"\} 64250.1$/m);
    expect(text).toMatch(/^trading_bot_process_memory_bytes\{service="trading-worker",instance="c"\} \d+$/m);
    expect(text).not.toContain('instance="d"');
  });

  it('the report of another version of the product is left out, and hides no other', async () => {
    await ledger.saveState('process:trading-worker-old', { service: 'trading-worker', instance: 'old' });
    expect((await ledger.processReports()).map(({ instance }) => instance).sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('execution times', () => {
  beforeAll(async () => {
    for (const [index, totalMs] of [100, 200, 1_500, 300, null].entries()) await ledger.saveTrade(trade(`t${index}`, totalMs));
  });

  it('are percentiles of each stage, and the slowest trades with the way to their workflows', async () => {
    const times = executionTimesSchema.parse((await api.ask('/api/v1/debug/execution-times?slowest=2')).json);
    expect(times).toMatchObject({ trades: 5, measured: 4, source: 'ledger' });
    expect(times.stages.find(({ stage }) => stage === 'signal_to_filled')?.ms).toEqual({ count: 4, p50: 200, p95: 1_500, p99: 1_500, max: 1_500 });
    expect(times.slowest.map(({ trade_id, signal_to_filled_ms, slowest_stage, workflow_id, temporal_ui }) => ({ trade_id, signal_to_filled_ms, slowest_stage, workflow_id, temporal_ui }))).toEqual([
      { trade_id: 't2', signal_to_filled_ms: 1_500, slowest_stage: 'acknowledged_to_filled', workflow_id: 'trade-t2', temporal_ui: '/namespaces/default/workflows/trade-t2' },
      { trade_id: 't3', signal_to_filled_ms: 300, slowest_stage: 'acknowledged_to_filled', workflow_id: 'trade-t3', temporal_ui: '/namespaces/default/workflows/trade-t3' },
    ]);
    expect(times.verdict).toContain('half of the entries are filled within 200 ms');
  });

  it.each(['trades=0', 'trades=1001', 'slowest=51', 'slowest=x', 'hours=1'])('refuse the query %s', async (query) => {
    expect((await api.refused(`/api/v1/debug/execution-times?${query}`)).status).toBe(400);
  });
});

describe('while the ledger is away', () => {
  it('memory-usage still shows this process, and says why the workers are missing', async () => {
    const lonely = await serveApi({ ledger: () => Promise.reject(new BotError(10003, 'the database does not answer')), bot, clock: () => NOW_MS });
    const memory = memoryUsageSchema.parse((await lonely.ask('/api/v1/debug/memory-usage')).json);
    expect(memory).toMatchObject({ workers_missing_because: 'the database does not answer (10003)', processes: [{ service: 'api' }] });
    expect((await lonely.refused('/api/v1/debug/api-stats')).json.code).toBe(10003);
    await lonely.close();
  });
});

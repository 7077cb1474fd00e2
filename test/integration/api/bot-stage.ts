/**
 * A real Temporal server with a bot that obeys and trades nothing, its feed lease and its two workers: what the API
 * needs around it. Workers can be taken away and brought back.
 */
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { toDecimalString } from '../../../core/money/decimal.js';
import { CUSTOMARY_TOLERANCES } from '../../../core/risk/risk-limits.js';
import type { ObedientState } from '../../fixtures/workflows/obedient-bot.js';
import { connectTestTemporal, unique, type TestTemporal } from '../../support/temporal.js';

const HEARTBEAT_EVERY_MS = 500;
const WORKFLOWS = fileURLToPath(new URL('../../fixtures/workflows/index.ts', import.meta.url));

export const DECIDED_MS = Date.UTC(2024, 4, 1, 12);

const RISK_FIGURES = {
  asOfMs: DECIDED_MS, budgetStartEquity: toDecimalString('10000'), dayLossBudget: toDecimalString('512.5'), resetsAtMs: DECIDED_MS + 12 * 3_600_000,
  limits: {
    ...CUSTOMARY_TOLERANCES, maxPositionSize: toDecimalString('50'), positionSizeUnit: 'percent', maxPositions: 3, maxTotalExposurePercent: toDecimalString('150'),
    dailyLossLimitPercent: toDecimalString('5'), stopLossPercent: toDecimalString('2'), leverage: toDecimalString('2'), cooldownMinutesAfterStop: 60,
    maxDecisionAgeMs: 120_000,
  },
  exposures: [{
    tradeId: 'BTCUSDT-1-abcd', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', notional: toDecimalString('3003.75'), margin: toDecimalString('1505'),
    riskAtStop: toDecimalString('48.3'), settledMs: DECIDED_MS,
  }], totalExposure: toDecimalString('3003.75'), exposureCap: toDecimalString('15018.75'), peakEquity: toDecimalString('10012.5'),
  drawdownPercent: toDecimalString('0'), maxDrawdownHit: false, halt: null,
  strategies: [
    { strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', enabled: true, mayTrade: false, gates: [{ rule: 'one_position_per_symbol', passes: false, code: 20010, message: 'BTCUSDT is held by trade BTCUSDT-1-abcd', remedy: 'POST /api/v1/positions/BTCUSDT/close' }] },
    { strategy: 'sma_cross_eth', symbol: 'ETHUSDT', enabled: false, mayTrade: false, gates: [{ rule: 'enabled', passes: false, code: 20009, message: 'disabled by an operator', remedy: 'POST /api/v1/strategies/sma_cross_eth/enable' }] },
  ],
} satisfies Partial<ObedientState['risk']>;

export const OBEDIENT_STATE: ObedientState = {
  status: {
    lifecycle: 'running', tradingActive: true, reason: 'started', sinceMs: DECIDED_MS - 60_000, decidedThroughMs: DECIDED_MS,
    openTrades: [{ tradeId: 'BTCUSDT-1-abcd', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', state: 'open' }],
    blockedBecause: undefined, lastEquity: toDecimalString('10012.5'), lastDecisionAtMs: DECIDED_MS + 20, runs: 1,
  },
  risk: {
    equity: toDecimalString('10012.5'), dayStartMs: DECIDED_MS - 12 * 3_600_000, dayStartEquity: toDecimalString('10000'), dayPnl: toDecimalString('12.5'),
    openPositions: 1, maxPositions: 3, cooldownUntilMs: {}, dailyLossLimitHit: false, ...RISK_FIGURES,
  },
  strategies: [
    {
      name: 'mean_reversion_btc', enabled: true, enabledBy: 'configuration', problem: null, symbol: 'BTCUSDT', interval: '15', lastEvaluatedMs: DECIDED_MS, lastSignal: 'hold',
      verdict: 'conditions not met', conditions: [{ name: 'RSI(14)', value: '45.2', wanted: 'below 30', met: false }, { name: 'band', value: '60000', wanted: 'below 61000', met: true }],
    },
    {
      name: 'sma_cross_eth', enabled: false, enabledBy: 'operator', problem: null, symbol: 'ETHUSDT', interval: '60', lastEvaluatedMs: 0, lastSignal: 'none', verdict: 'not evaluated yet', conditions: [],
    },
  ],
};

export interface BotStage {
  temporal: TestTemporal;
  workflowId: string;
  feedWorkflowId: string;
  queues: { trading: string; maintenance: string };
  startWorkers(): Promise<void>;
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

export async function setBotStage(): Promise<BotStage> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await connectTestTemporal();
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
  const queues = { trading: unique('trading'), maintenance: unique('maintenance') };
  const stage = { temporal, workflowId: unique('bot'), feedWorkflowId: unique('feed'), queues };
  let stop: (() => Promise<void>) | undefined;
  const startWorkers = async (): Promise<void> => { stop = await runWorkers(stage, workflowBundle); };
  const stopWorkers = async (): Promise<void> => {
    await stop?.();
    stop = undefined;
  };
  await startWorkers();
  await temporal.client.workflow.start('obedientBot', { taskQueue: queues.trading, workflowId: stage.workflowId, args: [OBEDIENT_STATE] });
  await temporal.client.workflow.start('heldLease', { taskQueue: queues.trading, workflowId: stage.feedWorkflowId });
  const close = async (): Promise<void> => {
    await Promise.all([stage.workflowId, stage.feedWorkflowId].map((id) => temporal.client.workflow.getHandle(id).terminate()));
    await stopWorkers();
    await temporal.close();
  };
  return { ...stage, startWorkers, stopWorkers, close };
}

async function runWorkers({ temporal, queues }: Pick<BotStage, 'temporal' | 'queues'>, workflowBundle: WorkflowBundleWithSourceMap): Promise<() => Promise<void>> {
  const shared = { connection: temporal.nativeConnection, activities: { hold }, stickyQueueScheduleToStartTimeout: 1_000 };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: queues.trading, workflowBundle }),
    Worker.create({ ...shared, taskQueue: queues.maintenance, workflowBundle }),
  ]);
  const running = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  };
}

async function hold(): Promise<void> {
  const context = Context.current();
  for (;;) {
    context.heartbeat();
    await context.sleep(HEARTBEAT_EVERY_MS);
  }
}

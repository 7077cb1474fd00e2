/** A maintenance worker and an API around a trading stack: what runbooks need, real, in one test process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { openCache } from '../../adapters/cache/open-cache.js';
import { createBotClient } from '../../api/bot-client.js';
import { createHealthProbes } from '../../api/health-probes.js';
import { createRunbookDesk } from '../../api/runbook-desk.js';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { createTemporalView } from '../../api/temporal-view.js';
import { createWorkflowDesk } from '../../api/workflow-desk.js';
import { loadConfiguration } from '../../config/load.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { NotificationChannel } from '../../core/ports/notifier.js';
import { configurationFile } from '../../workers/configuration-file.js';
import { createRunbookActivities, type RunbookParts } from '../../workers/runbook-activities.js';
import { MAINTENANCE_QUEUE } from '../../workflows/messages.js';
import { serveApi, type Answer, type ApiServer } from '../integration/api/api-server.js';
import { silentLogger } from './silent-logger.js';
import { temporalAddress } from './temporal.js';
import { workflowBundle, type TradingStack } from './trading-stack.js';

const ASK_EVERY_MS = 50;
/** short, because a test waits for it */
const RECV_WINDOW_MS = 200;

export interface RunbookStage extends ApiServer {
  dataDir: string;
  post<T = unknown>(path: string, body?: object): Promise<Answer<T>>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
}

export interface RunbookStageOptions {
  stack: TradingStack;
  /** absent: the stack's own; a test may take it away */
  ledger?: () => Promise<Ledger>;
  logger?: Logger;
  /** whom an emergency notifies; absent: nobody */
  channels?: readonly NotificationChannel[];
}

export async function setRunbookStage({ stack, ledger = () => Promise.resolve(stack.ledger), logger = silentLogger, channels = [] }: RunbookStageOptions): Promise<RunbookStage> {
  const { client, latch } = stack;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runbooks-'));
  const loaded = await loadConfiguration(stack.configurationPath);
  const configuration = configurationFile(loaded);
  const parts: RunbookParts = {
    client, ledger, latch, configuration, mode: 'paper', market: 'synthetic', dataDir, secrets: [], logger, exchange: stack.exchange, recvWindowMs: RECV_WINDOW_MS, channels,
    series: loaded.strategies.map(({ symbol, interval }) => ({ symbol, interval })),
    cache: openCache({ redisUrl: undefined, market: 'test', ttlMs: { instruments: 3_600_000, tickers: 5_000 }, logger: silentLogger, now: Date.now }),
  };
  const bot = createBotClient({ client });
  const probes = createHealthProbes({ ledger, bot, temporal: createTemporalView({ client }), clock: Date.now });
  const api = await serveApi({ ledger, bot, probes, latch, workflows: createWorkflowDesk({ client }), runbooks: createRunbookDesk({ client }) });
  let stop: () => Promise<void> = () => Promise.resolve();
  const startWorker = async (): Promise<void> => { stop = await runMaintenanceWorker(stack.namespace, parts); };
  await startWorker();
  return {
    ...api, dataDir, startWorker,
    stopWorker: () => stop(),
    post: (target, body = {}) => api.ask(target, { method: 'POST', body: JSON.stringify(body) }),
    close: async () => {
      await stop();
      await Promise.all([api.close(), rm(dataDir, { recursive: true, force: true })]);
    },
  };
}

async function runMaintenanceWorker(namespace: string, parts: RunbookParts): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: temporalAddress() });
  const worker = await Worker.create({
    connection, namespace, taskQueue: MAINTENANCE_QUEUE, workflowBundle: await workflowBundle(), activities: createRunbookActivities(parts), stickyQueueScheduleToStartTimeout: 1_000,
  });
  const running = worker.run();
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= (async () => {
    worker.shutdown();
    await running;
    await connection.close();
  })());
}

/** Starts a run and returns its id. */
export async function startedRun(stage: Pick<RunbookStage, 'post'>, route: string, body: object): Promise<string> {
  const { status, json, text } = await stage.post<{ run_id: string }>(route, body);
  if (status !== 202) throw new Error(`${route}: ${status} ${text}`);
  return json.run_id;
}

export async function liveRun(stage: Pick<RunbookStage, 'ask'>, id: string): Promise<RunOnTheWire> {
  return (await stage.ask<RunOnTheWire>(`/api/v1/runbooks/runs/${id}`)).json;
}

/** The run at its end. */
export async function endedRun(stage: Pick<RunbookStage, 'ask'>, id: string): Promise<RunOnTheWire> {
  for (;;) {
    const { status, json } = await stage.ask<RunOnTheWire>(`/api/v1/runbooks/runs/${id}`);
    if (status === 200 && json.state !== 'running') return json;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS)); // … because a run is watched by asking it
  }
}

/** The run at its end, and its workflow gone: one that has said its last word is attached to for a moment more. */
export async function closedRun(stage: Pick<RunbookStage, 'ask'>, { client }: Pick<TradingStack, 'client'>, id: string): Promise<RunOnTheWire> {
  const run = await endedRun(stage, id);
  const handle = client.workflow.getHandle(run.workflow_id, id);
  while ((await handle.describe()).status.name === 'RUNNING') await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS)); // … because it answers until then
  return run;
}

/** The API with everything it is built from, real, around the stage's bot: ledger, latch and state files included. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createStateArchive } from '../../../adapters/host/state-file.js';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { createBotClient } from '../../../api/bot-client.js';
import { createWorkflowDesk } from '../../../api/workflow-desk.js';
import { createRedaction } from '../../../config/redaction.js';
import type { EmergencyLatch } from '../../../core/ports/emergency-latch.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { unique } from '../../support/temporal.js';
import { openEmergencyLatch } from '../../../workers/emergency-latch.js';
import { serveApi, type Answer, type ApiServer } from './api-server.js';
import { setBotStage, type BotStage } from './bot-stage.js';

export const PLANTED_SECRET = 'planted-secret-value';

export interface StagedApi extends ApiServer {
  stage: BotStage;
  database: TestDatabase;
  ledger: Ledger;
  latch: EmergencyLatch;
  dataDir: string;
  emergencyWorkflowId: string;
  /** one more API, with some of its parts replaced */
  beside(changed: Partial<ApiDependencies>): Promise<ApiServer>;
  post<T = unknown>(path: string, body?: object, headers?: Record<string, string>): Promise<Answer<T>>;
}

export async function stageApi(): Promise<StagedApi> {
  const [stage, database, dataDir] = await Promise.all([setBotStage(), createTestDatabase(), mkdtemp(path.join(tmpdir(), 'api-'))]);
  const ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  const { client } = stage.temporal;
  const emergencyWorkflowId = unique('emergency');
  const access = (): Promise<Ledger> => Promise.resolve(ledger);
  const latch = openEmergencyLatch({ dataDir, ledger: access });
  const whole = {
    ledger: access, latch,
    bot: createBotClient({ client, workflowId: stage.workflowId, commandTimeoutMs: 1_500 }),
    workflows: createWorkflowDesk({ client, maintenanceQueue: stage.queues.maintenance, emergencyWorkflowId }),
    states: createStateArchive({ dataDir, logger: silentLogger }),
    redact: createRedaction([PLANTED_SECRET]),
  };
  const api = await serveApi(whole);
  const close = async (): Promise<void> => {
    await api.close();
    await client.workflow.getHandle(emergencyWorkflowId).terminate().catch(() => undefined);
    await ledger.close();
    await Promise.all([stage.close(), database.drop(), rm(dataDir, { recursive: true, force: true })]);
  };
  return {
    ...api, stage, database, ledger, latch, dataDir, emergencyWorkflowId, close,
    beside: (changed) => serveApi({ ...whole, ...changed }),
    post: (target, body, headers = {}) => api.ask(target, { method: 'POST', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  };
}

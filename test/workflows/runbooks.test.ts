import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanOnTheWire, RunOnTheWire } from '../../api/runbook-schema.js';
import { endedRun, setRunbookStage, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const STEP_MS = 900_000;

describe('a runbook', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * STEP_MS, seed: 3 });
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(FROM_MS + 2 * STEP_MS);
  });
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  it('is planned without doing anything', async () => {
    const { status, json } = await stage.ask<PlanOnTheWire>('/api/v1/runbooks/saveState/plan');
    expect(status).toBe(200);
    expect(json).toMatchObject({ runbook: 'saveState', params: { kind: 'save' }, destructive: false, refusals: [] });
    expect(json.plan_id).toMatch(/^[0-9a-z]+-[0-9a-f]{64}$/);
  });

  it('runs, tells its steps and stands in the ledger with its event', async () => {
    const started = await stage.post<{ run_id: string; attached: boolean }>('/api/v1/runbooks/saveState', { reason: 'before an upgrade' });
    expect([started.status, started.json.attached]).toEqual([202, false]);
    const run = await endedRun(stage, started.json.run_id);
    expect(run).toMatchObject({ state: 'completed', reason: 'before an upgrade', actor: 'operator', remaining: [], steps: [{ name: 'save the state', state: 'done', attempt: 1 }] });
    const saved = JSON.parse(await readFile(path.join(stage.dataDir, String(run.figures['file'])), 'utf8')) as { format: string };
    expect(saved.format).toBe('trading-bot-state');
    const { json: { runs } } = await stage.ask<{ runs: RunOnTheWire[] }>('/api/v1/runbooks/runs?limit=1');
    expect(runs[0]).toMatchObject({ run_id: started.json.run_id, state: 'completed', outcome: 'the state is saved' });
  });
});

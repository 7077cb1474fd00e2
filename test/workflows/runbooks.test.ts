import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanOnTheWire, RunOnTheWire } from '../../api/runbook-schema.js';
import { BotError } from '../../core/errors/bot-error.js';
import type { RunbookResult, RunbookRun } from '../../core/runbooks/run.js';
import { MAINTENANCE_QUEUE } from '../../workflows/messages.js';
import { startRunbookDesk } from '../../workers/entities.js';
import { DESK_WORKFLOW_ID } from '../../workflows/runbook-messages.js';
import { endedRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const STEP_MS = 900_000;
const TIMEOUT_MS = 60_000;
const SAVE = '/api/v1/runbooks/saveState';

describe('a runbook', { timeout: TIMEOUT_MS }, () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let ledger: 'there' | 'away' | 'slow' = 'there';
  let writeSlowly: () => void = () => undefined;
  const slowly = new Promise<void>((resolve) => { writeSlowly = resolve; });
  const ledgers = {
    there: () => Promise.resolve(stack.ledger),
    away: () => Promise.reject(new BotError(10003, 'taken away by the test')),
    // as when the worker that writes dies: for a long time nothing is heard of it
    slow: () => Promise.resolve({ ...stack.ledger, saveRun: (run: RunbookRun) => slowly.then(() => stack.ledger.saveRun(run)) }),
  };
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * STEP_MS, seed: 3 });
    stage = await setRunbookStage({ stack, ledger: () => ledgers[ledger]() });
    await stack.replayUntil(FROM_MS + 2 * STEP_MS);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  it('is planned without doing anything', async () => {
    const { status, json } = await stage.ask<PlanOnTheWire>(`${SAVE}/plan`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ runbook: 'saveState', params: { kind: 'save' }, destructive: false, refusals: [] });
    expect(json.plan_id).toMatch(/^[0-9a-z]+-[0-9a-f]{64}$/);
    const again = await stage.post<PlanOnTheWire>(`${SAVE}/plan`, { params: { kind: 'save' } });
    expect(again.json.plan_id.split('-')[1]).toBe(json.plan_id.split('-')[1]);
    expect((await stage.ask<{ runs: unknown[] }>('/api/v1/runbooks/runs')).json.runs).toEqual([]);
  });

  it('runs, tells its steps and stands in the ledger with its event', async () => {
    const started = await stage.post<{ run_id: string; attached: boolean }>(SAVE, { reason: 'before an upgrade' });
    expect([started.status, started.json.attached]).toEqual([202, false]);
    const run = await endedRun(stage, started.json.run_id);
    expect(run).toMatchObject({ state: 'completed', reason: 'before an upgrade', actor: 'operator', remaining: [], steps: [{ name: 'save the state', state: 'done', attempt: 1 }] });
    const saved = JSON.parse(await readFile(path.join(stage.dataDir, String(run.figures['file'])), 'utf8')) as { format: string };
    expect(saved.format).toBe('trading-bot-state');
    await eventually(async () => {
      const { json: { runs } } = await stage.ask<{ runs: RunOnTheWire[] }>('/api/v1/runbooks/runs?limit=1');
      expect(runs[0]).toMatchObject({ run_id: started.json.run_id, state: 'completed', outcome: 'the state is saved' });
    });
    await eventually(async () => expect(await eventsOf(started.json.run_id)).toEqual([{ severity: 'info', message: 'Runbook saveState completed: the state is saved', code: null }]));
  });

  it('is one run for one Idempotency-Key, also after it has ended', async () => {
    const init = { method: 'POST', headers: { 'idempotency-key': randomUUID() }, body: '{}' };
    const first = await stage.ask<{ run_id: string }>(SAVE, init);
    await endedRun(stage, first.json.run_id);
    expect((await stage.ask<{ run_id: string }>(SAVE, init)).json.run_id).toBe(first.json.run_id);
  });

  it('knows how long it usually takes once it has run', async () => {
    await eventually(async () => expect((await stage.ask<PlanOnTheWire>(`${SAVE}/plan`)).json.estimated_seconds).toEqual(expect.any(Number)));
  });

  it.each([
    { what: 'wrong parameters', args: [{ params: { kind: 'all' }, reason: 'typed by hand', actor: 'web', planId: null }], says: 'kind' },
    { what: 'a parameter that there is not', args: [{ params: { kid: 'save' } }], says: 'kid' },
  ])('that is started in the Temporal Web UI with $what is refused and does nothing', async ({ args, says }) => {
    const result = await stack.client.workflow.execute<(...given: unknown[]) => Promise<RunbookResult>>('saveState', { workflowId: `by-hand-${randomUUID()}`, taskQueue: MAINTENANCE_QUEUE, args });
    expect(result).toMatchObject({ state: 'refused', outcome: expect.stringContaining(says) as string });
  });

  it('that is started in the Temporal Web UI with nothing at all runs with its defaults', async () => {
    const result = await stack.client.workflow.execute<() => Promise<RunbookResult>>('saveState', { workflowId: `by-hand-${randomUUID()}`, taskQueue: MAINTENANCE_QUEUE, args: [] });
    expect(result.state).toBe('completed');
  });

  it('is planned and run by signals, whose answers the desk tells', async () => {
    await startRunbookDesk(stack.client);
    const desk = stack.client.workflow.getHandle(DESK_WORKFLOW_ID);
    await desk.signal('plan', { runbook: 'saveState' });
    await desk.signal('run', { runbook: 'saveState', params: { kind: 'emergency' }, reason: 'by signal' });
    await desk.signal('run', { runbook: 'saveState', params: { kind: 'none' } });
    await desk.signal('run');
    const answers = await eventually(async () => {
      const told = await desk.query<{ answer: string }[]>('answers');
      expect(told).toHaveLength(4);
      return told.map(({ answer }) => answer);
    });
    expect(answers).toEqual([expect.stringContaining('there is no such runbook'), expect.stringContaining('wrong parameters: kind'), 'started saveState-emergency', expect.stringMatching(/^would: .* planId /)]);
    expect(await endedRun(stage, 'saveState-emergency')).toMatchObject({ state: 'completed', reason: 'by signal', actor: 'Temporal Web UI' });
  });

  it('is refused by its own plan, made anew: nothing is done', async () => {
    ledger = 'away';
    const id = await startedRun(stage, SAVE, { params: { kind: 'save' }, reason: 'try' });
    const run = await endedRun(stage, id);
    expect(run).toMatchObject({ state: 'refused', outcome: expect.stringMatching(/^refused: .*save with kind emergency$/) as string, steps: [{ state: 'pending' }] });
  });

  it('runs while the ledger is away, and stands in it as soon as it is back', async () => {
    const id = await startedRun(stage, SAVE, { params: { kind: 'emergency' }, reason: 'the database is gone' });
    expect(await endedRun(stage, id)).toMatchObject({ state: 'completed' });
    expect(await stack.ledger.run(id)).toBeNull();
    ledger = 'there';
    await eventually(async () => expect(await stack.ledger.run(id)).toMatchObject({ state: 'completed', reason: 'the database is gone' }));
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('that is started anew while the run before is over and still writes its record is a run of its own', async () => {
    ledger = 'slow';
    const first = await startedRun(stage, SAVE, { params: { kind: 'emergency' }, reason: 'first' });
    await endedRun(stage, first);
    const second = await stage.post<{ run_id: string; attached: boolean }>(SAVE, { params: { kind: 'emergency' }, reason: 'second' });
    expect([second.status, second.json.attached, second.json.run_id === first]).toEqual([202, false, false]);
    expect(await endedRun(stage, second.json.run_id)).toMatchObject({ state: 'completed', reason: 'second' });
    ledger = 'there';
    writeSlowly();
    await eventually(async () => expect(await stack.ledger.run(first)).toMatchObject({ state: 'completed', reason: 'first' }));
  });

  function eventsOf(runId: string): Promise<{ severity: string; message: string; code: number | null }[]> {
    return stack.database.query('select severity, message, code from events where event_id = $1', [`runbook-${runId}`]);
  }
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOnTheWire } from '../../api/runbook-schema.js';
import { BOT_WORKFLOW_ID, CLOSING_WORKFLOW_TYPE, pauseUpdate, resumeUpdate, type CommandRequest } from '../../workflows/messages.js';
import { endedRun, liveRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { unique } from '../support/temporal.js';
import { botStatus, eventually } from './stack-questions.js';

const FROM_MS = Date.UTC(2026, 3, 6);
const STEP_MS = 900_000;
const TIMEOUT_MS = 90_000;
const RESTART = '/api/v1/runbooks/gracefulRestart';
const request = (reason: string): CommandRequest => ({ requestId: randomUUID(), reason, actor: 'test' });

describe('a graceful restart of the trading worker', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 400 * STEP_MS, seed: 3, supervised: true });
    await stack.firstWorker.stop();
    await stack.startWorker('1');
    stage = await setRunbookStage({ stack });
    await stack.replayUntil(FROM_MS + 2 * STEP_MS);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });
  const bot = () => stack.client.workflow.getHandle(BOT_WORKFLOW_ID);

  it('pauses, saves, restarts, sees the new process decide, and resumes', async () => {
    const run = await endedRun(stage, await startedRun(stage, RESTART, { reason: 'upgrade' }));
    expect(run).toMatchObject({ state: 'completed', remaining: [] });
    expect(run.steps.map(({ name, state }) => [name, state])).toEqual([
      'pause trading', 'wait for operations in flight', 'save state', 'stop service', 'wait for the new instance', 'verify health', 'verify that it decides on a candle', 'resume trading',
    ].map((name) => [name, 'done']));
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'running', reason: 'graceful restart of trading-worker: upgrade (operator)' });
    expect(run.figures).toMatchObject({ tradingPausedSeconds: expect.any(Number) as number, stateFile: expect.stringMatching(/^state\//) as string });
    await stack.replayUntil(FROM_MS + 4 * STEP_MS);
    expect((await stack.check()).findings).toEqual([]);
  }, TIMEOUT_MS);

  it('leaves a bot paused that was paused before', async () => {
    await bot().executeUpdate(pauseUpdate, { args: [request('lunch')] });
    const run = await endedRun(stage, await startedRun(stage, RESTART, { reason: 'again' }));
    expect(run).toMatchObject({ state: 'completed', steps: expect.arrayContaining([expect.objectContaining({ name: 'resume trading', result: 'not resumed: it was not running before' })]) as unknown });
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: 'lunch (test)' });
    await bot().executeUpdate(resumeUpdate, { args: [request('back')] });
  }, TIMEOUT_MS);

  it('is attached to by a second start, and refuses one with other parameters', async () => {
    const release = await somethingInFlight(stack);
    const first = await startedRun(stage, RESTART, { reason: 'first' });
    await atStep(stage, first, 'wait for operations in flight');
    const second = await stage.post<{ run_id: string; attached: boolean }>(RESTART, { reason: 'second' });
    expect(second).toMatchObject({ status: 202, json: { run_id: first, attached: true } });
    expect(await stage.post(RESTART, { params: { service: 'api' }, reason: 'third' })).toMatchObject({ status: 409, json: { detail: expect.stringContaining('runs with other parameters') as string } });
    await release();
    expect(await endedRun(stage, first)).toMatchObject({ state: 'completed', reason: 'first' });
  }, TIMEOUT_MS);

  it('obeys an operator who pauses while it runs', async () => {
    const release = await somethingInFlight(stack);
    const id = await startedRun(stage, RESTART, { reason: 'upgrade' });
    await atStep(stage, id, 'wait for operations in flight');
    await bot().executeUpdate(pauseUpdate, { args: [request('I want to look')] });
    await release();
    expect(await endedRun(stage, id)).toMatchObject({ state: 'completed', steps: expect.arrayContaining([expect.objectContaining({ name: 'resume trading', result: expect.stringContaining('not resumed') as string })]) as unknown });
    expect(await botStatus(stack)).toMatchObject({ lifecycle: 'paused', reason: 'I want to look (test)' });
    await bot().executeUpdate(resumeUpdate, { args: [request('seen')] });
  }, TIMEOUT_MS);

  it('is cancelled before anything was stopped: trading goes on as before', async () => {
    const release = await somethingInFlight(stack);
    const id = await startedRun(stage, RESTART, { reason: 'upgrade' });
    await atStep(stage, id, 'wait for operations in flight');
    expect((await botStatus(stack)).lifecycle).toBe('paused');
    expect((await stage.post(`/api/v1/runbooks/runs/${id}/cancel`, { reason: 'not now' })).status).toBe(202);
    expect(await endedRun(stage, id)).toMatchObject({ state: 'cancelled', outcome: 'cancelled by operator: not now', remaining: [] });
    expect((await botStatus(stack)).lifecycle).toBe('running');
    expect((await stage.post(`/api/v1/runbooks/runs/${id}/cancel`, { reason: 'again' })).status).toBe(409);
    await release();
  }, TIMEOUT_MS);

  it('stays paused when the new process cannot decide, says why, and raises the alarm', async () => {
    const release = await somethingInFlight(stack);
    const id = await startedRun(stage, RESTART, { reason: 'upgrade' });
    await atStep(stage, id, 'wait for operations in flight');
    await stack.simulate('faults', { rules: [{ kind: 'retCode', endpoint: '/v5/market/kline', retCode: 10001, retMsg: 'params error' }] });
    await release();
    const run = await endedRun(stage, id);
    expect(run).toMatchObject({ state: 'failed', code: 30004, remaining: [expect.stringContaining('trading is paused')] });
    expect(run.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'failed', 'pending']);
    expect((await botStatus(stack)).lifecycle).toBe('paused');
    await eventually(async () => expect(await stack.database.query('select severity, code from events where event_id = $1', [`runbook-${id}`])).toEqual([{ severity: 'critical', code: 30004 }]));
    await stack.clearFaults();
    await bot().executeUpdate(resumeUpdate, { args: [request('mended')] });
  }, TIMEOUT_MS);

  it('goes on in another maintenance worker when its own is gone', async () => {
    const release = await somethingInFlight(stack);
    const id = await startedRun(stage, RESTART, { reason: 'upgrade' });
    await atStep(stage, id, 'wait for operations in flight');
    await stage.stopWorker();
    await release();
    await stage.startWorker();
    expect(await endedRun(stage, id)).toMatchObject({ state: 'completed' });
    expect((await botStatus(stack)).lifecycle).toBe('running');
  }, TIMEOUT_MS);
});

describe('a graceful restart of a service that nobody starts again', () => {
  it('says what to do by hand, and when it is cancelled then, trading stays paused', async () => {
    const stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * STEP_MS, seed: 4 });
    const stage = await setRunbookStage({ stack });
    await stack.replayUntil(FROM_MS + 2 * STEP_MS);
    await stack.firstWorker.stop();
    await stack.startWorker('other');
    const id = await startedRun(stage, RESTART, { reason: 'upgrade' });
    await eventually(async () => expect((await liveRun(stage, id)).remaining).toEqual([expect.stringContaining('start trading-worker with whatever supervises it')]));
    await atStep(stage, id, 'wait for the new instance');
    await stage.post(`/api/v1/runbooks/runs/${id}/cancel`, { reason: 'I do it myself' });
    const run = await endedRun(stage, id);
    expect(run).toMatchObject({ state: 'cancelled', remaining: expect.arrayContaining([expect.stringContaining('trading is paused')]) as unknown });
    expect((await botStatus(stack)).lifecycle).toBe('paused');
    await stage.close();
    await stack.stop();
  }, TIMEOUT_MS);
});

/** A position is being closed, by a workflow that nobody works on. */
async function somethingInFlight(stack: TradingStack): Promise<() => Promise<void>> {
  const handle = await stack.client.workflow.start(CLOSING_WORKFLOW_TYPE, { workflowId: unique('closing'), taskQueue: unique('nobody'), args: [] });
  await eventually(async () => {
    const listed: string[] = [];
    for await (const { workflowId } of stack.client.workflow.list({ query: `WorkflowType = '${CLOSING_WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'` })) listed.push(workflowId);
    expect(listed).toContain(handle.workflowId);
  });
  return async () => void (await handle.terminate());
}

function atStep(stage: RunbookStage, id: string, name: string): Promise<RunOnTheWire> {
  return eventually(async () => {
    const run = await liveRun(stage, id);
    expect(run.steps.find((step) => step.name === name)?.state).toBe('running');
    return run;
  });
}

/** One cell: prepare, start, start a second time, disturb at the step, watch until the end, compare the books. */
import type { RunOnTheWire } from '../../../api/runbook-schema.js';
import { runbookDefinition } from '../../../core/runbooks/runbook.js';
import { backAgain, type DrilledStack } from '../drilled-stack.js';
import { eventually, lifecycle, settledVerdict } from '../free-run.js';
import { followRun, planId, post, startRun, type DrilledRun } from '../runbook-drill.js';
import type { Situation } from '../situations/situation.js';
import type { Cell } from './cells.js';

export interface CellResult {
  cell: Cell;
  /** how the run ended; null: it did not */
  state: RunOnTheWire['state'] | null;
  /** from the start of the run to its end */
  seconds: number;
  /** empty: the cell passed */
  findings: string[];
}

const ENDS_WITHIN_MS = 180_000;

export async function runCell(cell: Cell, situation: Situation, drilled: DrilledStack): Promise<CellResult> {
  try {
    await eventually('the bot trades', async () => (await lifecycle(drilled.stack)) === 'running', ENDS_WITHIN_MS);
    const params = await situation.prepare(drilled);
    const startedMs = performance.now();
    const { run, findings } = await disturbed(cell, { drilled, params, endsWithinMs: situation.endsWithinMs ?? ENDS_WITHIN_MS });
    const seconds = (performance.now() - startedMs) / 1_000;
    findings.push(...judged(cell, run), ...(await situation.verify(drilled, run)), ...(await settledVerdict(drilled.stack, drilled.simulatorUrl)).findings);
    await situation.leave?.(drilled);
    return { cell, state: run.state, seconds, findings };
  } catch (error) {
    return { cell, state: null, seconds: 0, findings: [error instanceof Error ? error.message : String(error)] };
  }
}

interface CellRun {
  drilled: DrilledStack;
  params: Record<string, unknown>;
  endsWithinMs: number;
}

async function disturbed({ runbook, step, disturbance }: Cell, { drilled: { stack }, params, endsWithinMs }: CellRun): Promise<{ run: RunOnTheWire; findings: string[] }> {
  const body = { params, reason: `drill: ${disturbance} at "${step}"`, ...(runbookDefinition(runbook).destructive ? { plan_id: await planId(stack, { runbook, params }) } : {}) };
  const run = await startRun(stack, runbook, body);
  const second = await post<{ run_id: string; attached: boolean }>(stack, `/api/v1/runbooks/${runbook}`, body);
  await run.reached(step);
  const restarts = stack.restarts()[disturbance] ?? 0;
  if (disturbance === 'cancel') await post(stack, `/api/v1/runbooks/runs/${run.runId}/cancel`, { reason: 'drill' });
  else stack.kill(disturbance, 'SIGKILL');
  const ended = await run.ended(endsWithinMs);
  // a run may end before its victim is back, and whoever looks at the books needs it
  if (disturbance !== 'cancel') await backAgain(stack, disturbance, restarts);
  // one of its own, when the first was over by then: the next cell must not meet it
  if (second.status === 202 && second.json.run_id !== run.runId) await followRun(stack, second.json.run_id).ended(endsWithinMs);
  return { run: ended, findings: judgedSecond(run, second, ended) };
}

/** A second start attaches, unless the first was over by then. */
function judgedSecond({ runId }: DrilledRun, { status, json }: { status: number; json: { run_id: string; attached: boolean } }, ended: RunOnTheWire): string[] {
  const attached = status === 202 && json.attached && json.run_id === runId;
  const wasOver = ended.ended_at !== null && Date.parse(ended.ended_at) - Date.parse(ended.started_at) < 500;
  return attached || wasOver ? [] : [`a second start did not attach: ${status} ${JSON.stringify(json)}`];
}

function judged({ disturbance }: Cell, { state, outcome, code }: RunOnTheWire): string[] {
  const allowed = disturbance === 'cancel' ? ['completed', 'cancelled'] : ['completed'];
  return allowed.includes(state) ? [] : [`ended as ${state} (${code ?? 'no code'}): ${outcome ?? ''}`];
}

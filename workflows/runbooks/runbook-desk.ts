/**
 * Runbooks for whoever has nothing but the Temporal Web UI: signal `plan` or `run` with {"runbook": …, "params": {…}, "reason": …}
 * and read the answers in this workflow's details or by the query `answers`. It lasts; what it starts does not depend on it.
 *
 * Invariant: it starts nothing that the same request over HTTP would not: parameters are checked here, the plan is judged by the run.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { condition, continueAsNew, defineQuery, defineSignal, log, ParentClosePolicy, setCurrentDetails, setHandler, startChild, workflowInfo } from '@temporalio/workflow';
import type { RunbookPlan } from '../../core/runbooks/plan.js';
import { readParams } from '../../core/runbooks/params.js';
import { RUNBOOK_NAMES, runbookWorkflowId, type RunbookName, type RunbookParams } from '../../core/runbooks/runbook.js';
import { describeFailure } from '../failure-detail.js';
import { WORKFLOW_TASK_TIMEOUT_MS } from '../messages.js';
import type { RunbookRequest } from '../runbook-messages.js';
import { planRunbook } from './plan-runbook.js';

/** Text and fields as a person types them into a form. */
export interface DeskRequest {
  runbook?: string;
  params?: unknown;
  planId?: string | null;
  reason?: string;
  actor?: string;
}

interface Answer {
  /** workflow time, ISO 8601 */
  at: string;
  asked: string;
  answer: string;
  plan: RunbookPlan | null;
}

export const planSignal = defineSignal<[DeskRequest?]>('plan');
export const runSignal = defineSignal<[DeskRequest?]>('run');
export const answersQuery = defineQuery<Answer[]>('answers');

const ANSWERS_KEPT = 10;
const WHO = 'Temporal Web UI';

export async function runbookDesk(answers: Answer[] = [], left: [('plan' | 'run'), DeskRequest][] = []): Promise<void> {
  const desk = new Desk(answers, left);
  setHandler(planSignal, (request = {}) => void left.push(['plan', request]));
  setHandler(runSignal, (request = {}) => void left.push(['run', request]));
  setHandler(answersQuery, () => answers);
  desk.show();
  while (!workflowInfo().continueAsNewSuggested) {
    await condition(() => left.length > 0);
    await desk.serveNext();
  }
  await continueAsNew<typeof runbookDesk>(answers, left);
}

class Desk {
  constructor(private readonly answers: Answer[], private readonly left: [('plan' | 'run'), DeskRequest][]) {}

  async serveNext(): Promise<void> {
    const [verb, request] = this.left[0] ?? ['plan', {}];
    const { answer, plan } = await this.serve(verb, request).catch((error: unknown) => ({ answer: `failed: ${describeFailure(error).message}`, plan: null }));
    this.left.shift();
    this.answers.unshift({ at: new Date().toISOString(), asked: `${verb} ${request.runbook ?? '?'} ${JSON.stringify(request.params ?? {})}`, answer, plan });
    this.answers.length = Math.min(this.answers.length, ANSWERS_KEPT);
    log.info(`Runbook desk: ${verb} ${request.runbook ?? '?'}: ${answer}`);
    this.show();
  }

  show(): void {
    setCurrentDetails([
      'Signal `run` or `plan` with `{"runbook": "saveState", "params": {}, "reason": "why"}`; `planId` confirms a destructive one.',
      `Runbooks: ${RUNBOOK_NAMES.join(', ')}.`, '',
      ...this.answers.map(({ at, asked, answer }) => `- ${at} **${asked.replaceAll(/[\r\n]+/g, ' ')}** ${answer}`),
    ].join('\n'));
  }

  private async serve(verb: 'plan' | 'run', request: DeskRequest): Promise<{ answer: string; plan: RunbookPlan | null }> {
    const name = RUNBOOK_NAMES.find((known) => known === request.runbook);
    if (name === undefined) return { answer: `there is no such runbook; there are ${RUNBOOK_NAMES.join(', ')}`, plan: null };
    const read = readParams(name, request.params);
    if ('problems' in read) return { answer: `wrong parameters: ${read.problems.join('; ')}`, plan: null };
    return verb === 'plan' ? this.plan(name, read.params) : { answer: await start(name, read.params, request), plan: null };
  }

  private async plan<N extends RunbookName>(runbook: N, params: RunbookParams[N]): Promise<{ answer: string; plan: RunbookPlan }> {
    const plan = await planRunbook({ runbook, params });
    const words = plan.refusals.length > 0 ? `cannot run: ${plan.refusals.join('; ')}` : `would: ${plan.effects.join('; ')}; planId ${plan.planId}`;
    return { answer: words, plan };
  }
}

async function start<N extends RunbookName>(name: N, params: RunbookParams[N], { planId = null, reason = '', actor = WHO }: DeskRequest): Promise<string> {
  const workflowId = runbookWorkflowId(name, params);
  try {
    await startChild(name, { workflowId, args: [{ params, planId, reason, actor } satisfies RunbookRequest<RunbookParams[N]>], parentClosePolicy: ParentClosePolicy.ABANDON, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, memo: { requestId: `${workflowInfo().runId}-${Date.now()}`, params } });
    return `started ${workflowId}`;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return `${workflowId} runs already: nothing was started`;
    throw error;
  }
}

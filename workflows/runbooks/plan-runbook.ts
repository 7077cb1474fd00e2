/** Makes the plan of a runbook: asks one activity that only reads. */
import { proxyActivities } from '@temporalio/workflow';
import type { Json, RunbookPlan } from '../../core/runbooks/plan.js';
import { planActivityName } from '../../core/runbooks/runbook.js';
import type { PlanRequest } from '../runbook-messages.js';

const planners = proxyActivities<Record<string, (params: Json) => Promise<RunbookPlan>>>({ startToCloseTimeout: 30_000, retry: { maximumAttempts: 2 } });

export async function planRunbook({ runbook, params }: PlanRequest): Promise<RunbookPlan> {
  const plan = await planners[planActivityName(runbook)]?.(params as unknown as Json);
  if (plan === undefined) throw new Error(`no activity plans ${runbook}`);
  return plan;
}

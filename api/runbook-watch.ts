/** Where a run of a runbook can be watched. */
import type { RunIds } from './runbook-desk.js';
import { watchOf, type Watch } from './watch.js';
import type { WorkflowDesk } from './workflow-desk.js';

export function watchOfRun({ workflowId, runId }: RunIds, workflows: Pick<WorkflowDesk, 'links'>): Watch[] {
  return [{ ...watchOf(workflows.links(workflowId)), api: `/api/v1/runbooks/runs/${runId}` }];
}

/** Has the bot take up a saved state again; one command, which the bot obeys once however often it is sent. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { RestoreStateActivities } from '../../activities/runbooks/state/restore-state.js';
import type { RestoreStateParams } from '../../core/runbooks/restore-state.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

const { restoreState: putBack } = proxyActivities<RestoreStateActivities>({ startToCloseTimeout: 20_000, retry: { maximumAttempts: 5, initialInterval: 500 } });

export function restoreState(request: RunbookRequest<RestoreStateParams>): Promise<RunbookResult> {
  return runbook('restoreState', request, async (run, params) => {
    const { reason, actor } = run.given;
    await run.step('put the state back', async () => {
      const { file, detail } = await putBack({ params, command: { requestId: `${workflowInfo().runId}-recall`, reason, actor } });
      run.figure('file', file);
      return detail;
    });
    return 'the state is put back';
  });
}
